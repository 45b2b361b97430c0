# Shift-based schedules: one whose events take effect later, one that is in effect.
resource "pagerduty_schedulev2" "shifts" {
  name        = "Shop shifts${local.suffix}"
  time_zone   = var.changed ? "America/New_York" : "Europe/Berlin"
  description = "Kept in Terraform"
  teams       = [pagerduty_team.shop.id]

  rotation {
    event {
      name            = "Nights${local.suffix}"
      start_time      = "2090-01-02T20:00:00Z"
      end_time        = var.changed ? "2090-01-03T07:00:00Z" : "2090-01-03T08:00:00Z"
      effective_since = "2090-01-01T00:00:00Z"
      recurrence      = [var.changed ? "RRULE:FREQ=DAILY" : "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "EXDATE;VALUE=DATE:20900105"]
      assignment_strategy {
        type              = "rotating_member_assignment_strategy"
        shifts_per_member = 2
        member {
          type    = "user_member"
          user_id = pagerduty_user.kim.id
        }
        member { type = "empty_member" }
      }
    }
    event {
      name            = "Noon"
      start_time      = "2090-01-01T11:00:00Z"
      end_time        = "2090-01-01T12:00:00Z"
      effective_since = "2090-01-01T00:00:00Z"
      effective_until = var.changed ? null : "2091-01-01T00:00:00Z"
      recurrence      = ["RRULE:FREQ=DAILY"]
      assignment_strategy {
        type = "every_member_assignment_strategy"
        member {
          type    = "user_member"
          user_id = pagerduty_user.kim.id
        }
        member {
          type    = "user_member"
          user_id = pagerduty_user.lou.id
        }
      }
    }
  }

  dynamic "rotation" {
    for_each = var.changed ? [1] : []
    content {
      event {
        name            = "Weekend"
        start_time      = "2090-01-07T00:00:00Z"
        end_time        = "2090-01-08T23:59:00Z"
        effective_since = "2090-01-01T00:00:00Z"
        recurrence      = ["RRULE:FREQ=WEEKLY;BYDAY=SA,SU"]
        assignment_strategy {
          type = "every_member_assignment_strategy"
          member {
            type    = "user_member"
            user_id = pagerduty_user.lou.id
          }
        }
      }
    }
  }
}

# What is in effect is made anew when it changes; the provider keeps the beginning as it is written here.
resource "pagerduty_schedulev2" "running" {
  name        = "Shop shifts that run"
  time_zone   = "Europe/Berlin"
  description = "Always" # without one the provider does not know its own answer

  rotation {
    event {
      name            = "Always"
      start_time      = "2026-01-05T08:00:00Z"
      end_time        = var.changed ? "2026-01-11T20:00:00Z" : "2026-01-12T08:00:00Z"
      effective_since = "2026-01-01T00:00:00Z"
      recurrence      = [var.changed ? "RRULE:FREQ=WEEKLY;INTERVAL=1" : "RRULE:FREQ=WEEKLY"]
      assignment_strategy {
        type = "rotating_member_assignment_strategy"
        member {
          type    = "user_member"
          user_id = pagerduty_user.lou.id
        }
      }
    }
  }
}

resource "pagerduty_escalation_policy" "shifts" {
  name      = "Shop shifts"
  num_loops = 1
  rule {
    escalation_delay_in_minutes = 10
    target {
      type = "schedule_reference"
      id   = pagerduty_schedulev2.shifts.id
    }
  }
}

data "pagerduty_schedulev2" "again" {
  name       = pagerduty_schedulev2.shifts.name
  depends_on = [pagerduty_schedulev2.shifts]
}
