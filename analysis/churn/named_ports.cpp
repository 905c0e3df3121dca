// Each named port at each address, and towards each destination where SO_REUSEADDR lets connections share it.
#include "analysis/churn/named_ports.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"
#include "model/scenario/bound_socket.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

bool is_reached(const PlannedWorkload& workload, const Assignment& assigned) {
  const Reach reach = workload.target(assigned.source, assigned.destination).reach;
  return reach == Reach::listener || reach == Reach::balancer;
}

}  // namespace

NamedPorts::NamedPorts(const PlannedWorkload& workload)
    : workload_(workload), shape_(shape_of(*workload.workload, *workload.host, *workload.process)) {
  const HostGroup& host = *workload.host;
  families_meet_ =
      workload.names_sources() || bound_addresses_overlap(host.settings, host.profile->rules,
                                                          IpAddress::any(Family::inet), IpAddress::any(Family::inet6));
  for (const std::vector<Usable>& at : workload.explicit_usable) {
    std::set<Port> sure;
    for (std::size_t i = 0; i < at.size(); ++i)
      if (at[i] == Usable::yes) sure.insert(workload.explicit_ports[i]);
    usable_.push_back(std::move(sure));
  }
}

std::optional<DrawnFrom> NamedPorts::from(std::uint64_t k) const {
  const Assignment assigned = assign(shape_, k);
  const std::uint64_t source = std::min<std::uint64_t>(assigned.source, usable_.size() - 1);
  const Port port = workload_.explicit_ports[assigned.explicit_port];
  if (usable_[source].count(port) == 0 || !is_reached(workload_, assigned)) return std::nullopt;
  std::uint64_t way = 0;
  if (workload_.shares_named_ports()) {
    const std::vector<Endpoint>& to = workload_.workload->to;
    way = static_cast<std::uint64_t>(std::find(to.begin(), to.end(), to[assigned.destination]) - to.begin());
  } else if (!families_meet_ && !workload_.workload->to[assigned.destination].address.is_v4()) {
    way = 1;
  }
  const std::uint64_t at = (assigned.host_instance * shape_.sources + assigned.source) * (shape_.destinations + 1);
  return DrawnFrom{(at + way) * 65536 + port.value, assigned.host_instance};
}

std::optional<std::uint64_t> NamedPorts::first_taken(std::uint64_t connections, bool surely) const {
  for (std::uint64_t k = 0; k < std::min(connections, period()); ++k) {
    const Assignment assigned = assign(shape_, k);
    const auto source = std::min<std::uint64_t>(assigned.source, workload_.explicit_usable.size() - 1);
    const Usable usable = workload_.explicit_usable[source][assigned.explicit_port];
    if (usable == Usable::no || (!surely && usable == Usable::perhaps)) return k;
  }
  return std::nullopt;
}

std::uint64_t NamedPorts::let_through(std::uint64_t connections) const {
  std::uint64_t count = 0;
  for (std::uint64_t k = 0; k < connections; ++k) count += from(k) ? 1 : 0;
  return count;
}

// After so many connections everything begins again.
std::uint64_t NamedPorts::period() const {
  return bounded_product(bounded_product(shape_.host_instances * shape_.process_instances, shape_.sources),
                         bounded_product(shape_.destinations, shape_.explicit_ports));
}

Interval NamedPorts::each() const {
  std::size_t least = usable_.front().size();
  for (const std::set<Port>& at : usable_) least = std::min(least, at.size());
  return Interval::exactly(least);
}

std::uint64_t NamedPorts::pools() const {
  return shape_.host_instances * shape_.sources * (workload_.shares_named_ports() ? shape_.destinations : 1);
}

}  // namespace netlimits::analysis
