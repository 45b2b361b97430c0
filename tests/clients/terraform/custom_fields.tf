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

# In no order of the alphabet: options stay in that of the definition.
resource "pagerduty_service_custom_field" "tier" {
  name         = "terraform_tier"
  display_name = var.changed ? "Service tier" : "Tier"
  description  = "How much it matters"
  data_type    = "string"
  field_type   = "single_value_fixed"
  dynamic "field_option" {
    for_each = var.changed ? ["silver", "gold", "bronze"] : ["gold", "bronze"]
    content {
      value     = field_option.value
      data_type = "string"
    }
  }
}

resource "pagerduty_service_custom_field" "regions" {
  name         = "terraform_regions"
  display_name = "Regions"
  data_type    = "string"
  field_type   = "multi_value"
}

resource "pagerduty_service_custom_field_value" "plain" {
  service_id = pagerduty_service.plain.id
  custom_fields {
    name  = pagerduty_service_custom_field.tier.name
    value = jsonencode(var.changed ? "silver" : "gold")
  }
  custom_fields {
    name  = pagerduty_service_custom_field.regions.name
    value = jsonencode(["us-west", "eu-west"])
  }
}
