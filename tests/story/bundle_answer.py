"""One answer to a bundled message takes everything the message spoke of, and nothing else; who gave up the number answers nothing."""
import re


def story(world):
    ana, ben = world.people("Ana", "Ben", ladder=[(1, "sms"), (20, "phone")])
    services = [world.service("service-%02d" % number, [[ana]], minutes=60) for number in range(8)]
    other = world.service("other", [[ben]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    incidents = [service.breaks("Trouble %02d" % number, key="k") for number, service in enumerate(services)]
    bens = other.breaks("Trouble of Ben", key="k")
    world.advance(minutes=6)
    bundles = [sms for sms in ana.got("sms") if "incidents need you" in sms.text]
    assert bundles, [sms.text for sms in ana.got("sms")]
    bundle = bundles[-1]
    told = int(re.search(r"(\d+) incidents need you", bundle.text).group(1))
    code = re.search(r"4 (\d+) ack all", bundle.text).group(1)

    # Ana's code from Ben's telephone is Ben's answer to his own page, or none at all: never an answer to hers.
    ben.replies("4 " + code)
    assert [incident.status for incident in incidents] == ["triggered"] * 8

    answer = ana.replies("4 " + code, bundle)
    taken = [incident for incident in incidents if incident.status == "acknowledged"]
    assert "%d of %d incidents acknowledged" % (told, told) in answer and len(taken) == told, (answer, len(taken))
    answer = ana.replies("6 " + code, bundle)
    assert [incident.status for incident in incidents].count("resolved") == told, answer
    answer = ana.replies("6 " + code, bundle)
    assert "Nothing changed" in answer and "resolved by Ana" in answer, answer

    # The number is given back: whoever has it now answers nothing.
    rest = [incident for incident in incidents if incident.status == "triggered"]
    world.api.delete("/users/%s/contact_methods/%s" % (ana.id, ana.methods["sms"]), status=204)
    world.step()
    for incident in rest:
        assert "<Message>" not in ana.replies("4", bundle)
        assert incident.status == "triggered"
    bens.acknowledge(ben)
