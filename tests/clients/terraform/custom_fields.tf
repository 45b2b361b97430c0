resource "pagerduty_incident_type_custom_field" "alarm" {
  name          = "terraform_alarm_minutes"
  display_name  = var.changed ? "Alarm after" : "Alarm time"
  data_type     = "integer"
  field_type    = "single_value"
  default_value = jsonencode(var.changed ? 10 : 5)
  incident_type = "incident_default"
}

data "pagerduty_incident_type" "base" {
  display_name = "Base Incident"
}

resource "pagerduty_incident_type_custom_field" "region" {
  name          = "terraform_region"
  display_name  = "Region"
  description   = "Where"
  data_type     = "string"
  field_type    = "single_value_fixed"
  field_options = ["EU", "US"] # the provider takes a list that depends on a variable for empty
  incident_type = data.pagerduty_incident_type.base.id
}
