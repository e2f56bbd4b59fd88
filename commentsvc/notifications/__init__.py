"""Telling people: what happened is sent by mail, to webhooks, to chats and to WebSub hubs."""
