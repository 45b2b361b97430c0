"""Who may add a webhook cannot reach what only the inside reaches: addresses of this machine and of private networks are refused after they were resolved."""
from harness.webhooks import Subscriber


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    shop = world.service("shop", [[ana]])
    receiver = Subscriber(world)
    try:
        port = receiver.url.rsplit(":", 1)[1]
        subscriptions = []
        for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0", "2130706433"):
            receiver.url = "http://%s:%s" % (host, port)
            subscriptions.append(receiver.subscribe())
        world.begin("2026-02-10T02:00:00Z")
        shop.breaks("One")
        world.settle()
        assert receiver.attempts == [], "an inner address was called"
        for subscription in subscriptions:
            for entry in receiver.deliveries(subscription):
                assert entry["state"] == "dropped" and "private address" in entry["error"], (subscription["delivery_method"]["url"], entry)
            assert receiver.deliveries(subscription)
        ana.expect(email=1)
    finally:
        receiver.stop()
