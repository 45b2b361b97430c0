/* Why: request smuggling needs two parsers that disagree where a request ends: ours and that of a proxy before us.
 * libmicrohttpd forgives some of what RFC 9112 section 6 calls an error (several lengths, an unknown transfer coding, a
 * blank before the colon), so what it let through is judged here; a refused request also ends its connection.
 *
 * Some of it the library hides: it glues a folded line to the header's name, ends the head at a line that starts with a
 * colon, and cuts a value at a NUL. So the head is also measured: names and values point into the received bytes, and
 * when those do not follow each other exactly as "name: value CR LF", or the body is chunked, the connection ends after
 * this answer. What might have been hidden behind such a request is then never read as another one. */
#include "net/http_internal.h"

struct framing {
    int content_lengths, transfer_encodings, hosts;
    bool length_is_not_digits, coding_is_unknown, name_is_no_token, value_has_controls;
};

static bool is_token_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static enum MHD_Result look(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
                            const char *value, size_t value_size)
{
    (void)kind;
    struct framing *framing = context;
    struct text n = {name, name_size}, v = {value ? value : "", value ? value_size : 0};
    if (n.size == 0)
        framing->name_is_no_token = true;
    for (size_t i = 0; i < n.size; i++)
        if (!is_token_byte((unsigned char)n.data[i]))
            framing->name_is_no_token = true;
    for (size_t i = 0; i < v.size; i++)
        if (((unsigned char)v.data[i] < 0x20 && v.data[i] != '\t') || v.data[i] == 0x7f)
            framing->value_has_controls = true;
    if (text_equal_ignoring_case(n, TEXT("Host")))
        framing->hosts++;
    if (text_equal_ignoring_case(n, TEXT("Content-Length"))) {
        framing->content_lengths++;
        for (size_t i = 0; i < v.size; i++)
            if (v.data[i] < '0' || v.data[i] > '9')
                framing->length_is_not_digits = true;
        if (v.size == 0 || v.size > 18)
            framing->length_is_not_digits = true;
    }
    if (text_equal_ignoring_case(n, TEXT("Transfer-Encoding"))) {
        framing->transfer_encodings++;
        if (!text_equal_ignoring_case(v, TEXT("chunked")))
            framing->coding_is_unknown = true;
    }
    return MHD_YES;
}

const char *framing_mistake(struct MHD_Connection *mhd, const char *version)
{
    struct framing framing = {0};
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, look, &framing);
    bool is_http_1_1 = strcmp(version, "HTTP/1.1") == 0;
    if (!is_http_1_1 && strcmp(version, "HTTP/1.0") != 0)
        return "HTTP version is not supported";
    if (framing.name_is_no_token)
        return "header name has a character that is not allowed";
    if (framing.value_has_controls)
        return "header value has a control character";
    if (framing.hosts > 1 || (is_http_1_1 && framing.hosts == 0))
        return "exactly one Host header is needed";
    if (framing.content_lengths > 1)
        return "Content-Length is given more than once";
    if (framing.length_is_not_digits)
        return "Content-Length is not a number";
    if (framing.transfer_encodings > 1 || framing.coding_is_unknown)
        return "Transfer-Encoding is not understood";
    if (framing.transfer_encodings > 0 && (framing.content_lengths > 0 || !is_http_1_1))
        return "Transfer-Encoding contradicts the rest of the request";
    return NULL;
}

struct head {
    const char *next; /* where the next line must begin */
    bool is_plain;
};

static enum MHD_Result measure(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
                               const char *value, size_t value_size)
{
    (void)kind;
    struct head *head = context;
    if (!value || name != head->next || value <= name + name_size) {
        head->is_plain = false;
        return MHD_NO;
    }
    for (const char *gap = name + name_size + 1; gap < value; gap++)
        if (*gap != ' ' && *gap != '\t')
            head->is_plain = false;
    head->next = value + value_size + 2;
    return MHD_YES;
}

bool framing_is_plain(struct MHD_Connection *mhd, const char *method, const char *uri, size_t uri_size,
                      const char *version)
{
    bool line_is_plain = uri == method + strlen(method) + 1 && version == uri + uri_size + 1;
    struct head head = {.next = version + strlen(version) + 2, .is_plain = line_is_plain};
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, measure, &head);
    size_t head_size = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
    bool is_chunked = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Transfer-Encoding") != NULL;
    return head.is_plain && head.next + 2 == method + head_size && !is_chunked;
}
