// By the limit, and for what a server does by the clients' systems.
#include "report/sentence/limit_error.hpp"

#include <set>
#include <string>

#include "model/scenario/source_choice.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::report {
namespace {

// What the programs that connect see when a server refuses them, or does not answer. Nothing: not all see the same.
std::optional<Error> error_of_clients(const Scenario& scenario, bool refuses) {
  std::set<Error> errors;
  for (const auto& [name, workload] : scenario.workloads) {
    const Rules& rules = scenario.hosts.at(workload.from_host).profile->rules;
    errors.insert(refuses ? rules.connection_refused : rules.timed_out);
  }
  return errors.size() == 1 ? std::optional(*errors.begin()) : std::nullopt;
}

}  // namespace

std::optional<Error> error_of(const Scenario& scenario, Limit limit, const Place& place) {
  if (std::holds_alternative<BackEndPlace>(place.what) && (limit == Limit::no_route || limit == Limit::no_listener))
    return error_of_clients(scenario, limit == Limit::no_listener);
  if (limit == Limit::conntrack_entries) return error_of_clients(scenario, false);
  if (const auto* gateway = std::get_if<GatewayPlace>(&place.what)) {
    const auto found = scenario.gateways.find(std::string(gateway->gateway.view()));
    if (found == scenario.gateways.end()) return std::nullopt;
    return error_of_clients(scenario, found->second.nat.when_full == NatWhenFull::reset);
  }
  const HostPlace* host = place.host();
  const auto found = host != nullptr ? scenario.hosts.find(std::string(host->name.view())) : scenario.hosts.end();
  if (found == scenario.hosts.end()) return std::nullopt;
  const auto& [name, group] = *found;
  const Rules& rules = group.profile->rules;
  switch (limit) {
    case Limit::fd_per_process:
      return rules.descriptors_exhausted;
    case Limit::fd_per_host:
      return rules.files_exhausted;
    case Limit::ephemeral_ports: {
      // bind() and connect() tell the same shortage differently: it depends on the workloads that draw from the pool.
      bool by_bind = false;
      bool by_connect = false;
      for (const auto& [workload_name, workload] : scenario.workloads) {
        if (workload.from_host != name) continue;
        const bool binds =
            std::holds_alternative<BindAddress>(workload.bind) ||
            (std::holds_alternative<BindAddressNoPort>(workload.bind) && !rules.has(Rule::option_bind_no_port));
        (binds ? by_bind : by_connect) = true;
      }
      if (by_bind && by_connect) return std::nullopt;
      return by_bind ? rules.ports_exhausted_bind : rules.ports_exhausted_connect;
    }
    case Limit::four_tuple:
      return rules.four_tuple_taken;
    case Limit::port_in_use:
      return rules.address_in_use;
    case Limit::listen_backlog:
    case Limit::syn_backlog:
      return error_of_clients(scenario, rules.has(Rule::accept_queue_refuses));
    case Limit::no_listener:
      return rules.connection_refused;
    case Limit::no_route: {
      // Without a source of that family connect() says so itself; else nobody answers.
      const auto* outbound = std::get_if<OutboundPlace>(&place.what);
      const auto* to = outbound != nullptr ? std::get_if<Endpoint>(&outbound->destination) : nullptr;
      if (to == nullptr) return std::nullopt;
      const auto source = SourceChoice(group, 0).towards(to->address);
      return source ? rules.timed_out : source.error().error;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace netlimits::report
