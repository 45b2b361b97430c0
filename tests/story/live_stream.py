"""An open browser hears of every change at once, and after a lost connection of what it missed."""
import http.client
import json

crash = False  # the stream is the thing under test here, and a crash ends it


class Stream:
    def __init__(self, world, last=None, token=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=60)
        headers = {"Authorization": "Token token=" + (token or world.api.token)}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection.request("GET", "/muster/stream", headers=headers)
        self.answer = self.connection.getresponse()

    def next(self):
        """(event, id, data) of the next one that is no heart-beat."""
        event, number, data = "message", None, ""
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "id":
                number = int(value)
            elif name == "data":
                data += value
            elif line == "" and data:
                if event != "beat":
                    return event, number, json.loads(data)
                event, number, data = "message", None, ""

    def close(self):
        self.connection.close()


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    assert world.browser().send("GET", "/muster/stream").status == 401

    stream = Stream(world)
    assert stream.answer.status == 200 and stream.answer.headers["Content-Type"] == "text/event-stream"
    event, last, data = stream.next()
    assert event == "hello" and data["seq"] == last, (event, last, data)

    checkout.event("Checkout is down", key="a")
    incident = world.incidents(checkout)[0]
    event, seen, data = stream.next()
    assert event == "change" and data["incident"] == incident["id"] and data["kind"] == "incident" and seen > last, (event, seen, data)
    stream.close()

    # While it was away: one more incident. It is told on return, and told to look at everything when it knows nothing of use.
    checkout.event("Checkout is slow", key="b")
    second = next(i for i in world.incidents() if i["id"] != incident["id"])
    again = Stream(world, last=seen)
    event, newest, data = again.next()
    assert event == "hello" and newest > seen
    missed = []
    while not missed or missed[-1]["seq"] < newest:
        missed.append(again.next()[2])
    assert second["id"] in [change["incident"] for change in missed], missed
    again.close()

    lost = Stream(world, last=newest + 1000)
    assert lost.next()[0] == "hello"
    assert lost.next()[2]["kind"] == "reload"
    lost.close()
