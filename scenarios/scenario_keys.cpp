// One list for each object of the format: known keys, and those that are reserved.
#include "scenarios/scenario_keys.hpp"

#include "scenarios/words_of_later.hpp"

namespace netlimits::scenarios {

const ObjectKeys scenario_keys{"scenario",
                               {"$schema", "netlimits", "name", "description", "seed", "duration", "window", "hosts",
                                "paths", "balancers", "gateways", "proxies", "workloads", "events", "expect"},
                               {{"firewalls", without_conntrack}, {"conntrack", without_conntrack}}};
const ObjectKeys host_keys{"host",
                           {"profile", "count", "addresses", "address_stride", "settings", "held_ports",
                            "held_connections", "open_files", "conntrack", "processes", "origin"},
                           {{"memory", without_memory}}};
const ObjectKeys address_block_keys{"address block", {"first", "count"}};
const ObjectKeys held_ports_keys{"held-ports entry", {"address", "ports", "listens"}};
const ObjectKeys held_connections_keys{"held-connections entry", {"from", "to", "ports", "state", "ends_after"}};
const ObjectKeys origin_keys{"origin",
                             {"format", "source", "kernel", "summary", "limits", "sockets", "measured", "from_profile",
                              "not_determined", "notes"}};
const ObjectKeys measured_limit_keys{
    "measured limit",
    {"limit", "place", "unit", "capacity", "used", "headroom", "connections", "from_profile", "note"}};
const ObjectKeys process_keys{"process",
                              {"count", "nofile", "own_descriptors", "uid", "listeners"},
                              {{"memory", without_memory}, {"memory_per_connection", without_memory}}};
const ObjectKeys listener_keys{"listener", {"endpoint", "backlog", "accept", "shared"}};
const ObjectKeys accept_keys{"accept rule", {"rate"}};
const ObjectKeys balancer_keys{"balancer",
                               {"endpoint", "method", "back_ends", "notices_after"},
                               {{"proxy", without_proxy},
                                {"mode", without_proxy},
                                {"nofile", without_proxy_limits},
                                {"sources", without_proxy_limits}}};
const ObjectKeys gateway_keys{
    "gateway",
    {"kind", "hosts", "addresses", "ports", "port_choice", "per_destination", "block", "when_full", "hold_after_close",
     "hold_after_reset", "hold_after_refusal", "half_closed", "half_open", "conntrack"},
    {{"idle_timeout", without_idle_timeout},
     {"unique_by", without_unique_by},
     {"address_choice", without_address_choice}}};
const ObjectKeys conntrack_keys{
    "table of tracked connections",
    {"nf_conntrack_max", "nf_conntrack_buckets", "held", "nf_conntrack_tcp_timeout_syn_sent",
     "nf_conntrack_tcp_timeout_syn_recv", "nf_conntrack_tcp_timeout_fin_wait", "nf_conntrack_tcp_timeout_close_wait",
     "nf_conntrack_tcp_timeout_last_ack", "nf_conntrack_tcp_timeout_time_wait", "nf_conntrack_tcp_timeout_close"},
    {{"nf_conntrack_tcp_timeout_established", without_idle_entries}}};
const ObjectKeys proxy_keys{"proxy", {"at", "to", "bind", "sources", "worker_connections"}};
const ObjectKeys path_keys{"path",
                           {"between", "rtt"},
                           {{"firewall", without_conntrack},
                            {"conntrack", without_conntrack},
                            {"loss", without_loss},
                            {"bandwidth", without_bandwidth}}};
const ObjectKeys workload_keys{
    "workload",
    {"from", "to", "connections", "arrivals", "start", "hold", "close", "bind", "sources", "retry", "no_listener"},
    {{"pool", without_pool}, {"trace", without_peaks}, {"requests", without_requests}}};
const ObjectKeys arrivals_keys{
    "arrival process", {"rate", "poisson", "ramp"}, {{"stages", without_peaks}, {"trace", without_peaks}}};
const ObjectKeys ramp_keys{"ramp", {"from", "to", "over"}};
const ObjectKeys hold_keys{"hold time", {"exponential"}, {{"lognormal", without_spread}, {"trace", without_spread}}};
const ObjectKeys bind_keys{"bind style",
                           {"ports", "reuse_address"},
                           {{"reuse_port", without_reuse_port}, {"local_port_range", without_own_range}}};
const ObjectKeys retry_keys{"retry rule", {"attempts", "after", "reconnect"}};
const ObjectKeys event_keys{"event",
                            {"at", "host_down", "host_up", "back_end_down", "back_end_up", "set", "add_address"}};
const ObjectKeys host_instance_keys{"host instance", {"host", "instance"}};
const ObjectKeys back_end_keys{"back end", {"balancer", "back_end"}};
const ObjectKeys setting_change_keys{"setting change", {"host", "setting", "value"}};
const ObjectKeys added_address_keys{"added address", {"host", "address"}};
const ObjectKeys expectation_keys{
    "expectation",
    {"name", "at", "equals", "at_least", "at_most", "within", "limit", "place", "workload", "capacity_at_least",
     "sustains_at_least", "headroom_at_least", "exhausted"}};

std::vector<const ObjectKeys*> all_scenario_keys() {
  return {&scenario_keys,      &host_keys,           &address_block_keys, &held_ports_keys, &held_connections_keys,
          &origin_keys,        &measured_limit_keys, &process_keys,       &listener_keys,   &accept_keys,
          &path_keys,          &balancer_keys,       &gateway_keys,       &conntrack_keys,  &proxy_keys,
          &workload_keys,      &arrivals_keys,       &ramp_keys,          &hold_keys,       &bind_keys,
          &retry_keys,         &event_keys,          &host_instance_keys, &back_end_keys,   &setting_change_keys,
          &added_address_keys, &expectation_keys};
}

}  // namespace netlimits::scenarios
