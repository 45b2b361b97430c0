/* Why: Prometheus Alertmanager's webhook, version 4 (and Grafana's superset of it). One request is one group of alerts;
 * each alert becomes one event with the alert's own fingerprint as dedup key, so that Alertmanager's repeats change
 * nothing.
 *
 * summary: annotations summary, title, message, description, else labels.alertname. severity: labels.severity by
 * words.h. source: labels instance, node, pod, host, job. class: alertname. custom_details: the alert as sent. Other
 * formats' versions are judged by shape: an `alerts` array of objects with `status` and `fingerprint`. Where
 * Alertmanager left alerts out (truncatedAlerts > 0) one more event says so: they are missing nowhere in silence. */
#ifndef MUSTER_INBOUND_ALERTMANAGER_H
#define MUSTER_INBOUND_ALERTMANAGER_H

#include "inbound/field.h"

/* The routing key is the lent one. ERR_INVALID: every mistake of every alert; ERR_LIMIT is not used: up to
 * EVENT_BATCH_MAX alerts, more are a mistake. `*ret` is on the reading's arena. */
enum err alertmanager_read(const struct reading *reading, struct event **ret, size_t *ret_count) MUST_CHECK;

#endif
