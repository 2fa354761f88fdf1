-- Who might change webhooks might change their secrets: a permission of its own from here on.
UPDATE `keys` SET `permissions` = json_insert(`permissions`, '$[#]', 'webhook-secrets:write')
WHERE `permissions` LIKE '%"webhooks:write"%' AND `permissions` NOT LIKE '%"webhook-secrets:write"%';
--> statement-breakpoint
UPDATE `operator_keys` SET `permissions` = json_insert(`permissions`, '$[#]', 'webhook-secrets:write')
WHERE `permissions` LIKE '%"webhooks:write"%' AND `permissions` NOT LIKE '%"webhook-secrets:write"%';
