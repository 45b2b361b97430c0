-- The calls that went out, as PagerDuty's /notifications lists them.

-- fragment: notification_view_filters
WHERE n.number >= :number_from AND n.number < :number_before AND n.state IN ('sent', 'failed') AND n.created_at >= :since AND n.created_at < :until AND n.user_id <> 'PCANARY'
-- if: channel
AND n.channel = :channel
-- end

-- The page is cut before its people and messages are looked up.
-- name: notification_view_list
SELECT n.number, n.channel, n.created_at, n.user_id, u.name AS user_name, c.address, m.state, m.sent_at
FROM (
SELECT n.number FROM notifications n
@{notification_view_filters}
ORDER BY n.number LIMIT :limit OFFSET :offset
) page JOIN notifications n ON n.number = page.number
LEFT JOIN users u ON u.id = n.user_id
LEFT JOIN contact_methods c ON c.id = n.contact_method_id
LEFT JOIN messages m ON m.number = n.message_number
ORDER BY n.number

-- Numbers grow with time, so the first call of a day is found by halving (api/seek.h).
-- name: notification_seek
SELECT n.number, n.created_at FROM notifications n WHERE n.number >= :number ORDER BY n.number LIMIT 1

-- name: notification_seek_last
SELECT COALESCE(MAX(n.number), 0) FROM notifications n

-- name: notification_view_count
SELECT COUNT(*) FROM notifications n
@{notification_view_filters}
