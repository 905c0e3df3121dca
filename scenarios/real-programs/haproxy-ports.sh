cat > haproxy.cfg <<'CONF'
global
  maxconn 200
  nbthread 1
defaults
  mode tcp
  timeout client 1m
  timeout server 1m
  timeout connect 5s
  retries 0
listen web
  bind 10.0.1.1:8080
  server one 10.1.0.9:80
CONF
PATH=$PATH:/usr/sbin
exec haproxy -db -f haproxy.cfg
