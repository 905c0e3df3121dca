#include "model/systems/limit.hpp"

namespace netlimits {

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::fd_per_process:
      return "fd_per_process";
    case Limit::fd_per_host:
      return "fd_per_host";
    case Limit::ephemeral_ports:
      return "ephemeral_ports";
    case Limit::four_tuple:
      return "four_tuple";
    case Limit::port_in_use:
      return "port_in_use";
    case Limit::listen_backlog:
      return "listen_backlog";
    case Limit::syn_backlog:
      return "syn_backlog";
    case Limit::time_wait_buckets:
      return "time_wait_buckets";
    case Limit::orphans:
      return "orphans";
    case Limit::conntrack_entries:
      return "conntrack_entries";
    case Limit::nat_ports:
      return "nat_ports";
    case Limit::nat_block:
      return "nat_block";
    case Limit::memory:
      return "memory";
    case Limit::accept_rate:
      return "accept_rate";
    case Limit::proxy_connections:
      return "proxy_connections";
    case Limit::no_listener:
      return "no_listener";
    case Limit::no_route:
      return "no_route";
    case Limit::back_end_down:
      return "back_end_down";
    case Limit::processes:
      return "processes";
  }
  return "unknown";
}

std::optional<Limit> limit_named(std::string_view name) {
  for (const Limit limit : all_limits) {
    if (name_of(limit) == name) return limit;
  }
  return std::nullopt;
}

}  // namespace netlimits
