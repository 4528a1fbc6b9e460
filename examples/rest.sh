#!/bin/sh
# Nothing but curl and Node: signs in, finds somebody, writes to them, and reads the chat. `sh examples/rest.sh`
api=${PARLEY_URL:-http://127.0.0.1:3000}/api
pick() { node -p "JSON.parse(require('fs').readFileSync(0))$1"; }
call() { curl -sS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }

token=$(call "$api/auth/login" -d '{"login":"ann","password":"parley-demo"}' | pick .accessToken)
ben=$(call "$api/users?search=ben" | pick '.items[0].id')
chat=$(call "$api/chats" -d '{"participantIds":["'"$ben"'"]}' | pick .id)
# The key makes a repetition safe: it gives the first message again.
call "$api/chats/$chat/messages" -H "Idempotency-Key: hello-1" -d '{"content":"Hello by curl"}' | pick .content
call "$api/chats/$chat/messages?limit=1" | pick '.items.map(message => message.seq + ": " + message.content)[0]'
