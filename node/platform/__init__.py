"""The platforms 平台 of the city: outboxes told, inboxes read, totals compared."""
