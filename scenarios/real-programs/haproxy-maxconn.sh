cat > haproxy.cfg <<CONF
global
  maxconn 500
  nbthread 1
  stats socket $PWD/stats.sock
defaults
  mode http
  timeout client 1m
  timeout http-request 1m
frontend web
  bind :8080 backlog 10
  maxconn 30
CONF
PATH=$PATH:/usr/sbin
# What haproxy itself counts.
while sleep 0.4; do echo "show info" | socat - UNIX-CONNECT:stats.sock | grep CurrConns; done &
exec haproxy -db -f haproxy.cfg
