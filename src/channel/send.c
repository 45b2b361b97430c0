/* Why: see send.h. The one place that decides what a broken transfer means. */
#include "channel/send.h"

#include <assert.h>
#include <string.h>

#include "channel/address_guard.h"

void send_settle(struct send *send, enum outcome_kind kind, struct text ref, struct text error)
{
    assert(send->outcome.kind == OUTCOME_NONE);
    assert(kind != OUTCOME_NONE);
    send->outcome.kind = kind;
    send->outcome.ref = ref;
    send->outcome.error = error;
}

void send_refuse(struct send *send, const char *reason)
{
    send_settle(send, OUTCOME_PERMANENT, TEXT_NONE, text_of(reason));
}

/* libcurl calls this after connecting (or picking a kept connection) and before the first byte of the request. When a kept connection
 * breaks it would send the request once more by itself; such a repeat would carry no label, so it is the engine's to make. */
static int about_to_request(void *context, char *address, char *local, int port, int local_port)
{
    (void)address, (void)local, (void)port, (void)local_port;
    struct send *send = context;
    if (send->is_lookup)
        return CURL_PREREQFUNC_OK;
    if (send->may_have_left)
        return CURL_PREREQFUNC_ABORT;
    send->may_have_left = true;
    return CURL_PREREQFUNC_OK;
}

static size_t keep_answer(char *data, size_t size, size_t count, void *context)
{
    struct send *send = context;
    builder_add(&send->answer, (struct text){data, size * count});
    return size * count;
}

static size_t read_header(char *data, size_t size, size_t count, void *context)
{
    struct send *send = context;
    send->has_answer = true;
    struct text line = {data, size * count};
    struct text name = TEXT("retry-after:");
    int64_t seconds;
    if (line.size > name.size && text_equal_ignoring_case(text_slice(line, 0, name.size), name) &&
        text_to_int64(text_trim(text_slice(line, name.size, line.size)), &seconds) && seconds > 0)
        send->retry_after_s = seconds < 86400 ? seconds : 86400;
    return size * count;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct send *send = context;
    /* A name may have several addresses; only one that libcurl goes on to use counts. */
    send->address_is_private = send->only_public && !address_is_public(&address->addr);
    send->socket = send->address_is_private ? CURL_SOCKET_BAD : sockets_open(send->sockets, address);
    return send->socket;
}

/* May be called long after the send that opened it has ended: it must not touch a send. */
static int close_socket(void *context, curl_socket_t socket)
{
    return sockets_close(context, socket);
}

static long timeout_ms(const struct send *send)
{
    int64_t limit = send->provider->timeout_s > 0 ? send->provider->timeout_s : 10;
    int64_t wanted = json_node_int_at(send->frame, "timeout_s", limit);
    return (long)(wanted > 0 && wanted < limit ? wanted : limit) * 1000;
}

/* What is the same for every transfer on this handle. */
static void set_up_handle(struct send *send, const char *protocols)
{
    CURL *easy = send->easy;
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, send->sockets);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a name server that hangs must not hold the loop at clean-up */
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}

static void set_up_http(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, about_to_request);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Muster/" MUSTER_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* SMTP may leave a dialogue that did not end; subscribers have nothing in common; a question goes to the account that is in doubt, with its credentials. */
static bool keeps_handle(const struct send *send)
{
    return send->errand == ERRAND_MESSAGE && !send->is_lookup && send->provider->type != PROVIDER_SMTP;
}

bool send_prepare(struct send *send, struct text url, const char *protocols)
{
    bool is_new = !keeps_handle(send);
    CURL *easy = send->easy = is_new ? curl_easy_init() : spare_take_handle(send->spare, send->provider_index, &is_new);
    if (!easy) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("out of memory"));
        return false;
    }
    if (is_new)
        set_up_handle(send, protocols);
    send->handle_is_new = is_new;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, send);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, send);
    curl_easy_setopt(easy, CURLOPT_URL, text_cstring(send->arena, url));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms(send));
    return true;
}

void send_end_transfer(struct send *send)
{
    if (send->easy && keeps_handle(send))
        spare_give_handle(send->spare, send->provider_index, send->easy);
    else if (send->easy)
        curl_easy_cleanup(send->easy);
    curl_slist_free_all(send->recipients);
    send->easy = NULL;
    send->headers = NULL;
    send->recipients = NULL;
    send->retry_after_s = 0;
}

void send_prepare_http(struct send *send)
{
    CURL *easy = send->easy;
    if (send->handle_is_new)
        set_up_http(easy);
    send->answer = builder_new(send->arena, ANSWER_BYTES_MAX);
    send->headers = send->header_last = NULL;
    send->has_answer = false;
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, send);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, send);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, send->body.data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)send->body.size);
}

void send_guard_address(struct send *send)
{
    send->only_public = !send->provider->allow_private_addresses;
    if (send->only_public)
        curl_easy_setopt(send->easy, CURLOPT_FRESH_CONNECT, 1L);
}

long send_status(const struct send *send)
{
    long status = 0;
    if (send->has_answer)
        curl_easy_getinfo(send->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

void send_finish_post(struct send *send, CURLcode code, enum outcome_kind (*kind_of_status)(long status))
{
    long status = send_status(send);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        send_refuse(send, "not an http or https address");
        return;
    }
    if (code != CURLE_OK && (status < 200 || status >= 300)) {
        send_settle_failure(send, code);
        return;
    }
    enum outcome_kind kind = kind_of_status(status);
    send_settle(send, kind, TEXT_NONE, kind == OUTCOME_DELIVERED ? TEXT_NONE : text_printf(send->arena, "HTTP %ld", status));
    send->outcome.address_refused = status == 410;
    if (kind == OUTCOME_TEMPORARY)
        send->outcome.retry_after_s = send->retry_after_s;
}

static bool is_header_safe(struct text value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] == '\r' || value.data[i] == '\n' || value.data[i] == '\0')
            return false;
    return true;
}

bool send_add_header(struct send *send, const char *name, struct text value)
{
    if (!is_header_safe(value)) {
        send_refuse(send, "a header value would span lines");
        return false;
    }
    size_t name_size = strlen(name);
    char *line = arena_alloc(send->arena, name_size + 2 + value.size + 1);
    memcpy(line, name, name_size);
    memcpy(line + name_size, ": ", 2);
    if (value.size > 0)
        memcpy(line + name_size + 2, value.data, value.size);
    /* libcurl reads the list and neither changes nor frees it, so it may live on the arena. */
    struct curl_slist *header = ARENA_NEW(send->arena, struct curl_slist);
    header->data = line;
    if (send->header_last)
        send->header_last->next = header;
    else
        curl_easy_setopt(send->easy, CURLOPT_HTTPHEADER, send->headers = header);
    send->header_last = header;
    return true;
}

void send_settle_failure(struct send *send, CURLcode code)
{
    struct text error = code == CURLE_ABORTED_BY_CALLBACK ? TEXT("the connection broke") : text_of(curl_easy_strerror(code));
    if (send->address_is_private)
        send_settle(send, OUTCOME_PERMANENT, TEXT_NONE, TEXT("the target is a private address"));
    else if (send->may_have_left)
        send_settle(send, OUTCOME_UNKNOWN, TEXT_NONE, text_printf(send->arena, "no verdict: %.*s", TEXT_ARG(error)));
    else
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, error);
}
