/* Why: one list of everything the server answers. A new noun adds its table here and nowhere else. */
#include "api/routes.h"

#include "api/openapi.h"

/* Each api/NOUN.c ends in a table; declared here because this list is its only reader. */
extern const struct route_table session_routes;
extern const struct route_table user_routes;
extern const struct route_table contact_method_routes;
extern const struct route_table notification_rule_routes;
extern const struct route_table team_routes;
extern const struct route_table verification_routes;
extern const struct route_table password_routes;
extern const struct route_table second_factor_routes;
extern const struct route_table oidc_routes;
extern const struct route_table service_routes;
extern const struct route_table integration_routes;
extern const struct route_table escalation_policy_routes;
extern const struct route_table schedule_gap_routes;
extern const struct route_table schedule_routes;
extern const struct route_table override_routes;
extern const struct route_table schedule_v3_routes;
extern const struct route_table rotation_routes;
extern const struct route_table shift_routes;
extern const struct route_table oncall_routes;
extern const struct route_table maintenance_window_routes;
extern const struct route_table priority_routes;
extern const struct route_table vendor_routes;
extern const struct route_table ability_routes;
extern const struct route_table response_play_routes;
extern const struct route_table license_routes;
extern const struct route_table token_routes;
extern const struct route_table audit_record_routes;
extern const struct route_table web_routes;
extern const struct route_table event_routes;
extern const struct route_table change_event_routes;
extern const struct route_table stream_routes;
extern const struct route_table incident_routes;
extern const struct route_table incident_change_routes;
extern const struct route_table related_incident_routes;
extern const struct route_table alert_routes;
extern const struct route_table note_routes;
extern const struct route_table log_entry_routes;
extern const struct route_table notification_routes;
extern const struct route_table clock_routes;
extern const struct route_table practice_routes;
extern const struct route_table responder_request_routes;
extern const struct route_table why_routes;
extern const struct route_table timeline_routes;
extern const struct route_table overview_routes;
extern const struct route_table metrics_routes;
extern const struct route_table health_routes;
extern const struct route_table heartbeat_routes;
extern const struct route_table self_check_routes;
extern const struct route_table twilio_routes;
extern const struct route_table act_routes;
extern const struct route_table webhook_subscription_routes;
extern const struct route_table status_update_routes;
extern const struct route_table analytics_routes;
extern const struct route_table analytics_totals_routes;
extern const struct route_table business_service_routes;
extern const struct route_table service_dependency_routes;
extern const struct route_table tag_routes;
extern const struct route_table alert_grouping_setting_routes;
extern const struct route_table incident_type_routes;
extern const struct route_table custom_field_routes;
extern const struct route_table custom_field_value_routes;

const struct route_table *const all_routes[] = {
    &session_routes,
    &user_routes,
    &contact_method_routes,
    &notification_rule_routes,
    &team_routes,
    &verification_routes,
    &password_routes,
    &second_factor_routes,
    &oidc_routes,
    &service_routes,
    &integration_routes,
    &escalation_policy_routes,
    &schedule_gap_routes,
    &schedule_routes,
    &override_routes,
    &schedule_v3_routes,
    &rotation_routes,
    &shift_routes,
    &oncall_routes,
    &maintenance_window_routes,
    &priority_routes,
    &vendor_routes,
    &ability_routes,
    &response_play_routes,
    &license_routes,
    &token_routes,
    &audit_record_routes,
    &web_routes,
    &event_routes,
    &change_event_routes,
    &stream_routes,
    &openapi_routes,
    &incident_routes,
    &incident_change_routes,
    &related_incident_routes,
    &alert_routes,
    &note_routes,
    &log_entry_routes,
    &notification_routes,
    &clock_routes,
    &practice_routes,
    &responder_request_routes,
    &why_routes,
    &timeline_routes,
    &overview_routes,
    &metrics_routes,
    &health_routes,
    &heartbeat_routes,
    &self_check_routes,
    &twilio_routes,
    &act_routes,
    &webhook_subscription_routes,
    &status_update_routes,
    &analytics_routes,
    &analytics_totals_routes,
    &business_service_routes,
    &service_dependency_routes,
    &tag_routes,
    &alert_grouping_setting_routes,
    &incident_type_routes,
    &custom_field_routes,
    &custom_field_value_routes,
    NULL,
};
