# What an organisation keeps in Terraform. `changed` is the second version of every resource that has something to change.
terraform {
  required_providers {
    pagerduty = { source = "pagerduty/pagerduty" }
  }
}

variable "url" { type = string }
variable "changed" { type = bool }

provider "pagerduty" {
  api_url_override = var.url
}

locals {
  suffix = var.changed ? " (changed)" : ""
}

data "pagerduty_priority" "first" {
  name = "P1"
}

data "pagerduty_vendor" "prometheus" {
  name = "Prometheus"
}

data "pagerduty_user" "ana" {
  email = "ana@halden.example"
}

data "pagerduty_user_contact_method" "mail" {
  user_id = pagerduty_user.kim.id
  label   = "Default"
  type    = "email_contact_method"
  depends_on = [pagerduty_user.kim]
}

data "pagerduty_service" "again" {
  name       = pagerduty_service.checkout.name
  depends_on = [pagerduty_service.checkout]
}

data "pagerduty_team" "again" {
  name       = pagerduty_team.shop.name
  depends_on = [pagerduty_team.shop]
}

data "pagerduty_escalation_policy" "again" {
  name       = pagerduty_escalation_policy.shop.name
  depends_on = [pagerduty_escalation_policy.shop]
}

data "pagerduty_schedule" "again" {
  name       = pagerduty_schedule.shop.name
  depends_on = [pagerduty_schedule.shop]
}

data "pagerduty_business_service" "again" {
  name       = pagerduty_business_service.sales.name
  depends_on = [pagerduty_business_service.sales]
}

data "pagerduty_teams" "all" {
  query      = "Terraform"
  depends_on = [pagerduty_team.shop]
}

data "pagerduty_licenses" "all" {}

data "pagerduty_license" "mine" {
  name = "Muster"
}

data "pagerduty_users" "all" {
  depends_on = [pagerduty_user.kim]
}

data "pagerduty_team_members" "shop" {
  team_id    = pagerduty_team.shop.id
  depends_on = [pagerduty_team_membership.kim]
}

data "pagerduty_service_integration" "again" {
  service_name        = pagerduty_service.checkout.name
  integration_summary = pagerduty_service_integration.prometheus.name
  depends_on          = [pagerduty_service_integration.prometheus]
}

resource "pagerduty_team" "shop" {
  name        = "Terraform shop${local.suffix}"
  description = "Made by Terraform${local.suffix}"
}

resource "pagerduty_user" "kim" {
  name      = "Kim Terraform${local.suffix}"
  email     = "kim.terraform@halden.example"
  role      = "limited_user"
  job_title = "Engineer${local.suffix}"
  time_zone = "Europe/Lisbon"
}

resource "pagerduty_user" "lou" {
  name  = "Lou Terraform"
  email = "lou.terraform@halden.example"
}

resource "pagerduty_team_membership" "kim" {
  team_id = pagerduty_team.shop.id
  user_id = pagerduty_user.kim.id
  role    = var.changed ? "responder" : "manager"
}

resource "pagerduty_user_contact_method" "phone" {
  user_id      = pagerduty_user.kim.id
  type         = "phone_contact_method"
  country_code = 49
  address      = "30901820"
  label        = "Work${local.suffix}"
}

resource "pagerduty_user_contact_method" "sms" {
  user_id      = pagerduty_user.kim.id
  type         = "sms_contact_method"
  country_code = 1
  address      = "2025550199"
  label        = "Mobile"
}

resource "pagerduty_user_contact_method" "mail" {
  user_id = pagerduty_user.kim.id
  type    = "email_contact_method"
  address = var.changed ? "kim.home@halden.example" : "kim.away@halden.example"
  label   = "Home"
}

resource "pagerduty_user_notification_rule" "phone" {
  user_id                = pagerduty_user.kim.id
  start_delay_in_minutes = var.changed ? 3 : 2
  urgency                = "high"
  contact_method {
    type = "phone_contact_method"
    id   = pagerduty_user_contact_method.phone.id
  }
}

resource "pagerduty_user_notification_rule" "sms" {
  user_id                = pagerduty_user.kim.id
  start_delay_in_minutes = 5
  urgency                = "low"
  contact_method {
    type = "sms_contact_method"
    id   = pagerduty_user_contact_method.sms.id
  }
}

resource "pagerduty_user_handoff_notification_rule" "sms" {
  user_id                   = pagerduty_user.kim.id
  handoff_type              = var.changed ? "oncall" : "both"
  notify_advance_in_minutes = 180
  contact_method {
    id   = pagerduty_user_contact_method.sms.id
    type = pagerduty_user_contact_method.sms.type
  }
}

resource "pagerduty_schedule" "shop" {
  name        = "Terraform schedule${local.suffix}"
  time_zone   = "Europe/Berlin"
  description = "Weekly, nights apart"
  teams       = [pagerduty_team.shop.id]

  layer {
    name                         = "Nights"
    start                        = "2026-01-05T20:00:00+01:00"
    rotation_virtual_start       = "2026-01-05T20:00:00+01:00"
    rotation_turn_length_seconds = 86400
    users                        = [pagerduty_user.lou.id]
    restriction {
      type              = "daily_restriction"
      start_time_of_day = "20:00:00"
      duration_seconds  = 43200
    }
  }

  layer {
    name                         = "Weeks${local.suffix}"
    start                        = "2026-01-05T09:00:00+01:00"
    rotation_virtual_start       = "2026-01-05T09:00:00+01:00"
    rotation_turn_length_seconds = var.changed ? 1209600 : 604800
    users                        = var.changed ? [pagerduty_user.lou.id, pagerduty_user.kim.id] : [pagerduty_user.kim.id, pagerduty_user.lou.id]
    restriction {
      type              = "weekly_restriction"
      start_day_of_week = 1
      start_time_of_day = "08:00:00"
      duration_seconds  = 432000
    }
  }
}

resource "pagerduty_escalation_policy" "shop" {
  name        = "Terraform policy${local.suffix}"
  description = "Kim, then the schedule"
  num_loops   = var.changed ? 3 : 2
  teams       = [pagerduty_team.shop.id]

  rule {
    escalation_delay_in_minutes = var.changed ? 15 : 10
    target {
      type = "user_reference"
      id   = pagerduty_user.kim.id
    }
  }

  rule {
    escalation_delay_in_minutes = 20
    target {
      type = "schedule_reference"
      id   = pagerduty_schedule.shop.id
    }
    target {
      type = "user_reference"
      id   = data.pagerduty_user.ana.id
    }
  }
}

resource "pagerduty_escalation_policy" "turns" {
  name = "Terraform turns"

  rule {
    escalation_delay_in_minutes = 30
    escalation_rule_assignment_strategy {
      type = "round_robin"
    }
    target {
      type = "user_reference"
      id   = pagerduty_user.kim.id
    }
    target {
      type = "user_reference"
      id   = pagerduty_user.lou.id
    }
  }
}

resource "pagerduty_service" "checkout" {
  name                    = "Terraform checkout${local.suffix}"
  auto_resolve_timeout    = var.changed ? "null" : 14400
  acknowledgement_timeout = var.changed ? 1200 : 600
  escalation_policy       = pagerduty_escalation_policy.shop.id
  alert_creation          = "create_alerts_and_incidents"
}

resource "pagerduty_service" "plain" {
  name              = "Terraform plain"
  escalation_policy = pagerduty_escalation_policy.turns.id
}

resource "pagerduty_service" "hours" {
  name                    = "Terraform hours"
  description             = "Quiet at night${local.suffix}"
  auto_resolve_timeout    = "null"
  acknowledgement_timeout = "null"
  escalation_policy       = pagerduty_escalation_policy.shop.id

  alert_grouping_parameters {
    type = var.changed ? "content_based" : "time"
    config {
      timeout     = var.changed ? null : 5
      aggregate   = var.changed ? "all" : null
      fields      = var.changed ? ["component", "source"] : null
      time_window = var.changed ? 600 : null
    }
  }

  incident_urgency_rule {
    type = "use_support_hours"
    during_support_hours {
      type    = "constant"
      urgency = "high"
    }
    outside_support_hours {
      type    = "constant"
      urgency = "low"
    }
  }

  support_hours {
    type         = "fixed_time_per_day"
    time_zone    = "America/Lima"
    start_time   = "09:00:00"
    end_time     = var.changed ? "18:00:00" : "17:00:00"
    days_of_week = [1, 2, 3, 4, 5]
  }

  scheduled_actions {
    type       = "urgency_change"
    to_urgency = "high"
    at {
      type = "named_time"
      name = "support_hours_start"
    }
  }
}

resource "pagerduty_service_integration" "prometheus" {
  name    = "Prometheus${local.suffix}"
  service = pagerduty_service.checkout.id
  vendor  = data.pagerduty_vendor.prometheus.id
}

resource "pagerduty_service_integration" "events" {
  name    = "Events${local.suffix}"
  service = pagerduty_service.checkout.id
  type    = "events_api_v2_inbound_integration"
}

resource "pagerduty_business_service" "sales" {
  name             = "Terraform sales${local.suffix}"
  description      = "People can buy"
  point_of_contact = "Kim"
  team             = pagerduty_team.shop.id
}

resource "pagerduty_service_dependency" "checkout" {
  dependency {
    dependent_service {
      id   = pagerduty_business_service.sales.id
      type = pagerduty_business_service.sales.type
    }
    supporting_service {
      id   = pagerduty_service.checkout.id
      type = pagerduty_service.checkout.type
    }
  }
}

resource "pagerduty_service_dependency" "technical" {
  dependency {
    dependent_service {
      id   = pagerduty_service.checkout.id
      type = "service"
    }
    supporting_service {
      id   = pagerduty_service.hours.id
      type = "service"
    }
  }
}

resource "pagerduty_maintenance_window" "move" {
  start_time  = "2037-11-09T20:00:00-05:00"
  end_time    = "2037-11-09T22:00:00-05:00"
  services    = [pagerduty_service.checkout.id, pagerduty_service.hours.id]
  description = "The move${local.suffix}"
}

resource "pagerduty_webhook_subscription" "bot" {
  type        = "webhook_subscription"
  active      = true
  description = "Tells the bot${local.suffix}"
  events      = var.changed ? ["incident.triggered", "incident.resolved", "service.updated"] : ["incident.triggered", "incident.acknowledged", "incident.resolved"]
  delivery_method {
    type = "http_delivery_method"
    url  = "https://example.com/hook"
    custom_header {
      name  = "X-Bot"
      value = "swordfish"
    }
  }
  filter {
    type = "service_reference"
    id   = pagerduty_service.checkout.id
  }
}

resource "pagerduty_webhook_subscription" "all" {
  type   = "webhook_subscription"
  active = true
  events = var.changed ? ["incident.triggered", "service.created"] : ["incident.triggered"]
  delivery_method {
    type = "http_delivery_method"
    url  = "https://example.com/all"
  }
  filter {
    type = "account_reference"
  }
}

output "priority" { value = data.pagerduty_priority.first.id }
output "members" { value = data.pagerduty_team_members.shop.members }
output "integration_key" {
  value     = pagerduty_service_integration.events.integration_key
  sensitive = true
}
