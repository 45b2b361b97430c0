resource "pagerduty_tag" "shop" {
  label = var.changed ? "terraform-changed" : "terraform"
}

resource "pagerduty_tag_assignment" "team" {
  tag_id      = pagerduty_tag.shop.id
  entity_type = "teams"
  entity_id   = pagerduty_team.shop.id
}

resource "pagerduty_tag_assignment" "user" {
  tag_id      = pagerduty_tag.shop.id
  entity_type = "users"
  entity_id   = pagerduty_user.lou.id
}

resource "pagerduty_tag_assignment" "policy" {
  tag_id      = pagerduty_tag.shop.id
  entity_type = "escalation_policies"
  entity_id   = pagerduty_escalation_policy.turns.id
}

data "pagerduty_tag" "again" {
  label      = pagerduty_tag.shop.label
  depends_on = [pagerduty_tag.shop]
}
