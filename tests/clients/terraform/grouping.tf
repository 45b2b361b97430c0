resource "pagerduty_alert_grouping_setting" "checkout" {
  name        = "Terraform grouping${local.suffix}"
  description = "By component"
  type        = "content_based"
  services    = [pagerduty_service.checkout.id]
  config {
    time_window = var.changed ? 600 : 300
    aggregate   = "all"
    fields      = var.changed ? ["component", "source"] : ["component"]
  }
}
