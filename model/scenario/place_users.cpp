// One kind of place after another.
#include "model/scenario/place_users.hpp"

#include <algorithm>
#include <functional>

namespace netlimits {
namespace {

// Is any end of its connections, behind balancers too, one of these?
bool reaches(const Wiring& wiring, const Workload& workload, const std::function<bool(const Target&)>& is_it) {
  return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::balancer) return is_it(target);
    const auto& back_ends = target.balancer->back_ends;
    return std::any_of(back_ends.begin(), back_ends.end(),
                       [&](const Endpoint& one) { return is_it(wiring.behind(*target.balancer, one)); });
  });
}

bool is_on(const Target& target, const HostPlace& place) {
  return target.host != nullptr && target.host->name == place.name.view();
}

bool is_of(const Target& target, const HostPlace& on, const Name& process) {
  return target.reach == Reach::listener && is_on(target, on) &&
         target.host->processes[target.process].name == process.view();
}

// Does a limit of a way out lie at its far end?
bool is_of_the_destination(Limit limit) {
  return limit == Limit::listen_backlog || limit == Limit::syn_backlog || limit == Limit::no_listener ||
         limit == Limit::no_route;
}

bool goes_there(const Workload& workload, const OutboundPlace& way) {
  const auto* to = std::get_if<Endpoint>(&way.destination);
  return to == nullptr || std::find(workload.to.begin(), workload.to.end(), *to) != workload.to.end();
}

bool comes_from(const Workload& workload, const OutboundPlace& way) {
  if (workload.from_host != way.on.name.view()) return false;
  const auto* source = std::get_if<IpAddress>(&way.source);
  return source == nullptr || workload.sources.empty() ||
         std::find(workload.sources.begin(), workload.sources.end(), *source) != workload.sources.end();
}

}  // namespace

bool uses_place(const Wiring& wiring, const Workload& workload, const PlacedLimit& limit) {
  struct Visitor {
    const Wiring& wiring;
    const Workload& workload;
    Limit limit;

    bool operator()(const HostPlace& host) const {
      return workload.from_host == host.name.view() ||
             reaches(wiring, workload, [&](const Target& target) { return is_on(target, host); });
    }
    bool operator()(const ProcessPlace& process) const {
      return (workload.from_host == process.on.name.view() && workload.from_process == process.process.view()) ||
             reaches(wiring, workload,
                     [&](const Target& target) { return is_of(target, process.on, process.process); });
    }
    bool operator()(const ListenerPlace& listener) const {
      return reaches(wiring, workload, [&](const Target& target) {
        return is_of(target, listener.on, listener.process) && target.port == listener.endpoint.port;
      });
    }
    bool operator()(const OutboundPlace& way) const {
      return goes_there(workload, way) && (is_of_the_destination(limit) || comes_from(workload, way));
    }
    bool operator()(const BalancerPlace& balancer) const {
      return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
        const Target target = wiring.of(workload.from_host, to);
        return target.reach == Reach::balancer && target.balancer->name == balancer.balancer.view();
      });
    }
    bool operator()(const BackEndPlace& back_end) const { return (*this)(BalancerPlace{back_end.balancer}); }
  };
  return std::visit(Visitor{wiring, workload, limit.limit}, limit.place.what);
}

}  // namespace netlimits
