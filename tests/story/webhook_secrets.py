"""A subscriber's secret is shown once, is nowhere in the database, and is replaced without a moment at which the receiver must refuse."""
import glob

from harness.webhooks import Subscriber, is_signed

settings = "webhook_private = yes"


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    shop = world.service("shop", [[ana]])
    receiver = Subscriber(world)
    try:
        made = receiver.subscribe(headers=[("Authorization", "Bearer swordfish")])
        path, old = "/webhook_subscriptions/" + made["id"], made["delivery_method"]["secret"]
        world.begin("2026-02-10T02:00:00Z")
        shop.breaks("First")
        world.settle()
        assert is_signed(receiver.taken[-1], old) and receiver.taken[-1].headers["authorization"] == "Bearer swordfish"

        new = world.api.post("/muster" + path + "/rotate_secret", {"keep_old_for_in_hours": 2})["webhook_subscription"]["delivery_method"]["secret"]
        world.step()
        assert new != old
        shop.breaks("Second")
        world.settle()
        assert is_signed(receiver.taken[-1], new, old), "both secrets sign while one is replaced"
        world.advance(hours=3)
        shop.breaks("Third")
        world.settle()
        assert is_signed(receiver.taken[-1], new), "the old one is over"

        shown = world.api.get(path)["webhook_subscription"]
        assert shown["delivery_method"]["secret"] is None and "swordfish" not in str(shown)
        assert "swordfish" not in str(world.api.get("/webhook_subscriptions"))
        if hasattr(world.database, "server"):
            kept = b"".join(open(name, "rb").read() for name in glob.glob(world.server.data + "/muster.db*"))
            assert b"The hour" not in kept and made["id"].encode() in kept, "the database is elsewhere"
            for secret in (old, new, "swordfish"):
                assert secret.encode() not in kept, "a secret lies in the database"
    finally:
        receiver.stop()
