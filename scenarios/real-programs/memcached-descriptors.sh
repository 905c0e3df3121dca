exec memcached -v -u root -l 0.0.0.0 -p 11211 -U 0 -t 1 -c 20 -b 10 -o no_maxconns_fast
