/* Why: the peer of the sender: what libcurl alone does. One thread, the multi interface, easy handles that are used again, kept-alive connections,
 * IN_FLIGHT posts at a time of a body of the size of a page to URL/0, URL/1, ...
 *
 * curl_loop URL COUNT IN_FLIGHT    prints {"posts","seconds","per_s","failed","cpu_us"}: the last, processor time of this program for one post */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IN_FLIGHT_MAX = 1000, BODY_BYTES = 900 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t ignore(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

static void start(CURLM *multi, CURL *easy, const char *url, long number)
{
    char address[512];
    snprintf(address, sizeof address, "%s/%ld", url, number % 2000);
    curl_easy_setopt(easy, CURLOPT_URL, address);
    curl_multi_add_handle(multi, easy);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: curl_loop URL COUNT IN_FLIGHT\n");
        return 2;
    }
    static char body[BODY_BYTES + 1];
    memset(body, 'x', BODY_BYTES);
    long count = strtol(argv[2], NULL, 10), started = 0, done = 0, failed = 0;
    int in_flight = (int)strtol(argv[3], NULL, 10);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    double begin = now_s();
    for (int i = 0; i < in_flight && i < IN_FLIGHT_MAX && started < count; i++) {
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)BODY_BYTES);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
        start(multi, easy, argv[1], started++);
    }
    while (done < count) {
        int running, left;
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            CURL *easy = message->easy_handle;
            done++;
            failed += message->data.result != CURLE_OK;
            curl_multi_remove_handle(multi, easy);
            if (started < count)
                start(multi, easy, argv[1], started++);
            else
                curl_easy_cleanup(easy);
        }
        if (done < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    double seconds = now_s() - begin;
    double cpu_us = (double)clock() * 1e6 / CLOCKS_PER_SEC / (double)count;
    printf("{\"posts\":%ld,\"seconds\":%.3f,\"per_s\":%.0f,\"failed\":%ld,\"cpu_us\":%.1f}\n", count, seconds, (double)count / seconds, failed, cpu_us);
    curl_multi_cleanup(multi);
    return failed > 0;
}
