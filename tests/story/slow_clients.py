"""Hundreds of clients that send their request a byte at a time, or nothing at all, hurt nobody else and are closed at their deadline."""
import socket
import time

from harness.server import eventually

settings = "request_deadline_s = 10\nconnections_per_peer_max = 50\n"
crash = False


def lazy(port, source, words):
    connection = socket.socket()
    connection.settimeout(60)
    connection.bind((source, 0))
    connection.connect(("127.0.0.1", port))
    if words:
        connection.sendall(words)
    return connection


def is_closed(connection):
    try:
        connection.settimeout(0.01)
        return connection.recv(4096) == b"" or True
    except socket.timeout:
        return False
    except OSError:
        return True


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    started = time.monotonic()
    half = b"POST /v2/enqueue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"routing_key\":"
    clients = [lazy(world.server.port, "127.0.0.%d" % (2 + number % 8), half if number % 2 else b"GET /inc") for number in range(300)]
    slowest = 0.0
    for number in range(20):
        before = time.monotonic()
        checkout.event("Checkout is down", key="k-%d" % number)
        slowest = max(slowest, time.monotonic() - before)
    assert slowest < 8, "the slowest event took %.2f s beside slow clients" % slowest
    # One address cannot take all connections.
    greedy = [lazy(world.server.port, "127.0.0.99", b"") for _ in range(60)]
    eventually("the limit per address", lambda: 5 <= sum(map(is_closed, greedy)) < 40)  # not the deadline, which closes all of them
    while time.monotonic() - started < 60 and not all(map(is_closed, clients)):
        for client in clients[1::2]:
            try:
                client.send(b" ")  # a byte now and then does not prolong the deadline
            except OSError:
                pass
        time.sleep(0.3)
    still = sum(not is_closed(client) for client in clients)
    assert still == 0, "%d slow clients are still connected" % still
    assert len(world.incidents(checkout)) == 20
