/* Why: all figures are taken with the same event: about 600 bytes of Events API v2, as a monitoring system sends it. */
#ifndef MUSTER_BENCHMARKS_EVENTS_H
#define MUSTER_BENCHMARKS_EVENTS_H

#include <stdint.h>
#include <stdio.h>

/* `run` tells runs apart, so that a key of this run never meets an alert of an earlier one. */
static inline size_t event_write(char *to, size_t size, const char *routing_key, int run, int64_t number, unsigned percent, unsigned long long free_bytes)
{
    long long n = number;
    return (size_t)snprintf(
        to, size,
        "{\"routing_key\":\"%s\",\"event_action\":\"trigger\",\"dedup_key\":\"disk-%d-%lld\",\"client\":\"bench\",\"payload\":{"
        "\"summary\":\"Disk /var of host-%lld is %u%% full and growing\",\"source\":\"host-%lld.eu.halden.example\",\"severity\":\"critical\","
        "\"component\":\"postgres\",\"group\":\"storage\",\"class\":\"disk\",\"custom_details\":{\"mount\":\"/var\",\"free_bytes\":%llu,"
        "\"runbook\":\"https://runbooks.halden.example/storage/disk-full\",\"dashboard\":\"https://graphs.halden.example/d/disk?host=%lld\","
        "\"note\":\"the cleanup job has not run since yesterday; check cron on the host first\"}}}",
        routing_key, run, n, n % 5000, percent, n % 5000, free_bytes, n % 5000);
}

/* The same facts for Alertmanager. */
static inline size_t alert_write(char *to, size_t size, int run, int64_t number, unsigned percent)
{
    long long n = number;
    return (size_t)snprintf(
        to, size,
        "{\"labels\":{\"alertname\":\"DiskFull\",\"instance\":\"disk-%d-%lld\",\"severity\":\"critical\",\"component\":\"postgres\","
        "\"group\":\"storage\",\"class\":\"disk\"},\"annotations\":{\"summary\":\"Disk /var of host-%lld is %u%% full and growing\","
        "\"mount\":\"/var\",\"runbook\":\"https://runbooks.halden.example/storage/disk-full\","
        "\"dashboard\":\"https://graphs.halden.example/d/disk?host=%lld\",\"note\":\"the cleanup job has not run since yesterday; check cron on the "
        "host first\"},\"generatorURL\":\"https://prometheus.halden.example/graph?g0.expr=disk\"}",
        run, n, n % 5000, percent, n % 5000);
}

#endif
