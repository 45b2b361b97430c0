"""Calls: what is said is plain text, the keys are asked for, and a machine is never taken for a person. python3-twilio says what the
provider's own library would have written."""
import xml.etree.ElementTree as ElementTree

from twilio.twiml.voice_response import Gather, VoiceResponse
from twilio.twiml.messaging_response import MessagingResponse

from content import HOSTILE, incident, page
from sender import render

ACTION = "https://muster.halden.example/twilio/voice/7/digits?a=1&b=2"
VERBS = {"Response", "Gather", "Say", "Hangup", "Pause"}


def tree(node):
    return (node.tag, sorted(node.attrib.items()), (node.text or "").strip(), [tree(child) for child in node])


def test_is_what_the_providers_library_writes(folder):
    words = "This is Muster. High urgency incident 42 on checkout. Payment error rate 14 % above 5 %. Press 4 to acknowledge, 6 to resolve, 8 to escalate."
    expected = VoiceResponse()
    for _ in range(3):
        gather = Gather(input="dtmf", num_digits=1, timeout=6, method="POST", action=ACTION)
        gather.say(words, language="en-US")
        expected.append(gather)
    expected.say("No key was pressed. This call does not count as an answer. Goodbye.", language="en-US")
    expected.hangup()
    ours = render("twiml", page())
    assert tree(ElementTree.fromstring(ours)) == tree(ElementTree.fromstring(str(expected))), ours


def test_no_title_becomes_markup(folder):
    for title in HOSTILE:
        for what in ("twiml", "again", "voicemail"):
            for content in (page(incident(title=title, service=title)), page(incident(title=title), incident(43, title)), {"kind": "notice", "lines": [title or "x"]}):
                root = ElementTree.fromstring(render(what, content))
                for node in root.iter():
                    assert node.tag in VERBS, ElementTree.tostring(root)
                    assert node.tag in ("Response", "Gather", "Say") or len(node) == 0
                    assert "http" not in (node.text or "").lower(), node.text
                assert all(len(node) == 0 for node in root.iter("Say"))


def test_voicemail_asks_for_no_key_and_says_that_it_is_no_answer(folder):
    root = ElementTree.fromstring(render("voicemail", page()))
    assert [node.tag for node in root] == ["Say", "Hangup"]
    assert "does not count as an answer" in root[0].text and "Press" not in root[0].text
    code = render("voicemail", {"kind": "code", "lines": ["Your code is 482913"]})
    assert "482913" not in code and "4, 8, 2" not in code


def test_digits_of_a_code_are_said_one_by_one(folder):
    root = ElementTree.fromstring(render("twiml", {"kind": "code", "lines": ["Your code is 482913. It is valid for 10 minutes."]}))
    assert [node.tag for node in root] == ["Say", "Pause", "Say", "Hangup"]
    assert root[0].text.strip() == "Your code is 4, 8, 2, 9, 1, 3. It is valid for 10 minutes."


def test_the_number_of_an_incident_is_said_as_one(folder):
    root = ElementTree.fromstring(render("say", {"kind": "notice", "lines": ["#42 checkout: Disk is full is acknowledged."]}))
    assert root[0].text.strip() == "number 42 checkout: Disk is full is acknowledged."


def test_answers_to_text_messages(folder):
    for words in ["#42 checkout is acknowledged.", "a < b & c", "</Message><Redirect>"]:
        expected = MessagingResponse()
        expected.message(words)
        assert tree(ElementTree.fromstring(render("message", {"lines": [words]}))) == tree(ElementTree.fromstring(str(expected)))
    assert tree(ElementTree.fromstring(render("message", {"lines": []}))) == tree(ElementTree.fromstring(str(MessagingResponse())))
