// Every knob, a file each.
#pragma once

#include "analysis/plan/knob.hpp"

namespace netlimits::analysis {

Knob hosts_knob();             // more hosts of a group; servers join their balancers and destinations
Knob instances_knob();         // more instances of a process
Knob client_addresses_knob();  // more source addresses of a workload
Knob server_addresses_knob();  // more addresses of a server that a workload connects to
Knob server_ports_knob();      // more ports of a server that a workload connects to
Knob port_range_knob();        // a wider range of automatic ports
Knob reserved_ports_knob();    // fewer ports kept from the automatic choice
Knob bind_style_knob();        // ports shared among destinations
Knob time_wait_reuse_knob();   // net.ipv4.tcp_tw_reuse
Knob closer_knob();            // the server closes first
Knob hold_knob();              // connections are held for a shorter time
Knob backlog_knob();           // as passed to listen()
Knob somaxconn_knob();         // what the system grants of it
Knob nofile_knob();            // descriptors of a process
Knob file_max_knob();          // open files of a host
Knob nat_addresses_knob();     // addresses of a gateway
Knob nat_ports_knob();         // its range of ports
Knob nat_block_knob();         // the block that each host behind it has

}  // namespace netlimits::analysis
