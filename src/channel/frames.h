/* Why: the seam between the engine (decides, no egress) and the sender process (egress and provider secrets, no
 * database). A socket pair carries frames: 4 bytes length (big endian), then that many bytes of one JSON object.
 * A test or simulator can sit on either end.
 *
 * engine -> sender
 *   {"type":"send","id":N,"provider":"sms-a","channel":"sms","to":"+49...","timeout_s":10, ...content...}
 *   {"type":"verify","id":N,"provider":"sms-a","url":"https://...","params":{"From":"..."},"signature":"..."}
 *   {"type":"post","id":N,"url":"https://...","secrets":["..",".."],"headers":[{"name":"..","value":".."}],"webhook_id":"Q..","body":"{..}"}
 *                                a delivery to a webhook subscription (channel/subscription.c); its ids are their own. Its outcome carries
 *                                "posted":true and "status", the HTTP status or 0; "address_refused" is 410
 *   {"type":"sign_in","id":N,"provider":"company","ask":"endpoints"}
 *   {"type":"sign_in","id":N,"provider":"company","ask":"person","code":"..","code_verifier":"..","redirect_uri":"..","nonce":".."}
 *                                a question to a provider of OpenID Connect (channel/oidc.c); its ids are their own
 *   {"type":"cancel","id":N}     best effort; an outcome still comes: temporary before the request left, unknown after
 * sender -> engine
 *   {"type":"ready"}             once after start
 *   {"type":"outcome","id":N,"outcome":"accepted|delivered|temporary|permanent|unknown","ref":"SM..","error":"text",
 *    "retry_after_s":30,"address_refused":true}
 *                                exactly one per send; `unknown` iff the request may have left and no verdict came.
 *                                "retry_after_s" only where the provider named a time. "address_refused" only with permanent:
 *                                this address will never work (unknown number, STOP, no such mailbox), so block it; without
 *                                it only this message was refused. A fault of the account (wrong password, no credit) is
 *                                temporary: another provider may do it
 *   {"type":"verdict","id":N,"valid":true}
 *   {"type":"signed_in","id":N,"found":{"authorization_endpoint":"..","end_session_endpoint":".."}}
 *   {"type":"signed_in","id":N,"found":{"sub":"..","email":"..","email_verified":true,"name":".."}}    after the ID token was verified
 *   {"type":"signed_in","id":N,"error":"text for the log","refused":true}    refused: asking again does not help
 * A frame that breaks this contract ends the sender; the engine starts a new one and what was in flight is unknown.
 *
 * Content of a send (rendered by the engine's caller into plain parts; the channel decides layout and length):
 *   "kind": "page" | "code" | "handoff" | "alarm" | "notice" | "webhook"
 *   "subject": one line; "lines": [text lines for a phone screen, most important first]; "details": longer plain text
 *   "incidents": [{"number":42,"id":"Q..","title":"..","service":"..","urgency":"high","url":"https://..","code":42,
 *                  "links":{"acknowledge":url,"resolve":url,"escalate":url,"page":url}}]   several: a bundle
 *   "incident_count": of a bundle that names only its first ones
 *   "links" beside "incidents": the same three, acting on all of a bundle; "code": what to answer with (else the first incident's).
 *   Codes start at 10: a lone 4, 6 or 8 is an action
 *   of an incident, optional: "since": RFC 3339 with the reader's offset; "severity"; "alerts": how many; "priority"
 *   "at": RFC 3339, when the message was made (Date of a mail); "to_name": the person; "from_name": the installation
 *   "payload": the JSON value to post, for kind "webhook" (without it the content itself is posted)
 *   "thread": stable id for mail threading (Message-ID of the incident); "message_id": stable per message
 *   "callback_url": status callbacks; "voice_url": where the provider fetches what to say; "repeat": true when this may be a
 *   second copy of a message whose fate is unknown
 *   "doubt": {"provider":"sms-a","since":SECONDS}, only with "repeat": nobody knows whether that account took the copy before, at that time
 *   (of the epoch). The sender asks it where it can (SMS at Twilio); a copy that is found is this send's outcome, accepted, with its ref
 *   and a sentence in "error", and nothing is sent again
 *   "why": one sentence: why this person is paged, or hears of it
 *   "said_by": of a notice about one incident: who tells how it stands; "details" is what, the incident has a "status"
 */
#ifndef MUSTER_CHANNEL_FRAMES_H
#define MUSTER_CHANNEL_FRAMES_H

#include "base/json.h"
#include "base/json_node.h"

enum { FRAME_BYTES_MAX = 1024 * 1024, POSTS_IN_FLIGHT_MAX = 256 };

/* Blocking write of one frame. ERR_UNAVAILABLE when the other side has gone. Serialise calls per fd. */
enum err frame_write(int fd, struct arena *scratch, const json_t *frame) MUST_CHECK;
/* Reads one frame; blocks. ERR_UNAVAILABLE at the end of the stream or on a malformed frame (then close it). */
enum err frame_read(int fd, struct arena *arena, json_t **ret) MUST_CHECK;

/* The four bytes before a document of `length` bytes. */
enum { FRAME_HEADER_BYTES = 4 };
void frame_header(unsigned char *ret_header, size_t length);

/* The same for an end that must not block: bytes are collected until frames are whole. */
struct frame_buffer {
    char *data; /* malloc; frame_buffer_free */
    size_t size, capacity, taken;
};
/* One read(); ERR_UNAVAILABLE at the end of the stream. Nothing to read is fine. */
enum err frame_buffer_fill(struct frame_buffer *buffer, int fd) MUST_CHECK;
/* Takes the next whole frame, which lives on the arena; *ret is NULL when there is none yet. ERR_INVALID: not a frame. */
enum err frame_buffer_next(struct frame_buffer *buffer, struct arena *arena, const struct json_node **ret) MUST_CHECK;
void frame_buffer_free(struct frame_buffer *buffer);

#endif
