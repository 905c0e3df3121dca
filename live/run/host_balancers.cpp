// The balancers of a network as nft rules of their wires, and what connection tracking remembers of them.
#include <set>
#include <utility>

#include <fmt/format.h>

#include "live/run/host_network.hpp"
#include "live/sandbox/conntrack.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/nft.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::live {
namespace {

// The back ends that are up, in the order of the list, beginning with the one whose turn it is.
std::vector<std::size_t> living_from(const std::vector<bool>& up, std::size_t turn) {
  std::vector<std::size_t> living;
  for (std::size_t i = 0; i < up.size(); ++i) {
    const std::size_t e = (turn + i) % up.size();
    if (up[e]) living.push_back(e);
  }
  return living;
}

}  // namespace

SystemResult<void> HostNetwork::make_balancers() {
  const Wiring wiring(*scenario_);
  for (const auto& [name, balancer] : scenario_->balancers) {
    std::size_t wire = 0;
    bool reached = false;
    for (const NamespacePlan& host : plan_->namespaces) {
      if (!wiring.topology().round_trip(name, host.group->name)) continue;
      wire = host.wire;
      reached = true;
    }
    balancers_.push_back({&balancer, wire, reached, std::vector<bool>(balancer.back_ends.size(), true)});
  }
  if (balancers_.empty()) return {};
  for (std::size_t wire = 0; wire < wires_.size(); ++wire) {
    std::string rules =
        "add table inet netlimits\n"
        "add chain inet netlimits prerouting { type nat hook prerouting priority -100; policy accept; }\n";
    bool any = false;
    for (std::size_t b = 0; b < balancers_.size(); ++b) {
      if (balancers_[b].wire != wire) continue;
      any = true;
      const Balancer& balancer = *balancers_[b].configuration;
      for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
        const char* family = balancer.back_ends[e].address.is_v4() ? "ip" : "ip6";
        rules += fmt::format(
            "add counter inet netlimits b{0}_{1}\nadd chain inet netlimits b{0}_{1}\n"
            "add rule inet netlimits b{0}_{1} counter name b{0}_{1} meta l4proto tcp dnat {2} to {3}\n",
            b, e, family, balancer.back_ends[e].text());
      }
      rules += fmt::format("add chain inet netlimits balance{0}\n", b);
      if (!balancers_[b].reached) continue;
      rules += fmt::format("add rule inet netlimits prerouting {1} daddr {2} tcp dport {3} goto balance{0}\n", b,
                           balancer.endpoint.address.is_v4() ? "ip" : "ip6", balancer.endpoint.address.text(),
                           balancer.endpoint.port.value);
    }
    if (!any) continue;
    auto visit = Visit::to(wires_[wire]);
    if (!visit) return tl::unexpected(visit.error());
    if (auto done = lead_out_of_reach(wire); !done) return done;
    if (auto done = run_nft(rules); !done) return done;
  }
  for (std::size_t b = 0; b < balancers_.size(); ++b) {
    if (auto done = write_choice(b); !done) return done;
  }
  balances_ = true;
  return {};
}

// A back end to which no way leads from here: what is sent on still leaves the balancer, and is remembered as one
// connection with all its SYNs.
SystemResult<void> HostNetwork::lead_out_of_reach(std::size_t wire) {
  std::set<IpAddress> here;
  for (std::size_t where = 0; where < plan_->namespaces.size(); ++where) {
    if (plan_->namespaces[where].wire != wire) continue;
    for (const IpAddress& address : addresses_of(where)) here.insert(address);
  }
  for (const Balancing& balancing : balancers_) {
    if (balancing.wire != wire) continue;
    for (const Endpoint& back_end : balancing.configuration->back_ends) {
      const IpAddress address = back_end.address.unmapped();
      if (here.contains(address)) continue;
      if (auto done = add_route(way_to_nowhere(AddressBlock::single(address))); !done) return done;
    }
  }
  return {};
}

// nft's "numgen inc" counts from 0 in each new rule, so the list of a new rule begins where the rotation stands. nft
// itself knows no back ends that die: whoever rewrites the rule decides where the rotation goes on. Here that is the
// model's rule, LVS' rr (model/path/balancer.hpp).
SystemResult<void> HostNetwork::set_back_ends(std::size_t balancer, const std::vector<std::size_t>& back_ends,
                                              bool up) {
  Balancing& changed = balancers_[balancer];
  auto given = given_by(balancer);
  if (!given) return tl::unexpected(given.error());
  std::uint64_t total = 0;
  for (const std::uint64_t each : *given) total += each;
  const std::vector<std::size_t> living = living_from(changed.up, changed.turn);
  if (const std::uint64_t since = total - changed.before; since > 0 && !living.empty())
    changed.turn = (living[(since - 1) % living.size()] + 1) % changed.up.size();
  changed.before = total;
  for (const std::size_t back_end : back_ends) changed.up[back_end] = up;
  return write_choice(balancer);
}

SystemResult<void> HostNetwork::write_choice(std::size_t balancer) {
  const Balancing& balancing = balancers_[balancer];
  std::string choice;
  const std::vector<std::size_t> living = living_from(balancing.up, balancing.turn);
  for (std::size_t i = 0; i < living.size(); ++i)
    choice += fmt::format("{}{} : goto b{}_{}", i == 0 ? "" : ", ", i, balancer, living[i]);
  std::string rules = fmt::format("flush chain inet netlimits balance{}\n", balancer);
  rules += living.empty() ? fmt::format("add rule inet netlimits balance{} drop\n", balancer)
                          : fmt::format("add rule inet netlimits balance{} numgen inc mod {} vmap {{ {} }}\n", balancer,
                                        living.size(), choice);
  auto visit = Visit::to(wires_[balancing.wire]);
  if (!visit) return tl::unexpected(visit.error());
  return run_nft(rules);
}

SystemResult<std::vector<FourTuple>> HostNetwork::carried(std::size_t balancer,
                                                          const std::vector<std::size_t>& back_ends) const {
  const Balancer& configuration = *balancers_[balancer].configuration;
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  std::vector<FourTuple> found;
  auto done = each_tracked_flow([&](const TrackedFlow& flow) {
    if (flow.closing || flow.client.remote != configuration.endpoint) return;
    for (const std::size_t e : back_ends) {
      if (configuration.back_ends[e] == flow.answer.local) found.push_back(flow.client);
    }
  });
  if (!done) return tl::unexpected(done.error());
  return found;
}

SystemResult<void> HostNetwork::forget(std::size_t balancer, const std::vector<FourTuple>& flows) const {
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  return forget_tracked_flows(flows);
}

SystemResult<std::vector<std::uint64_t>> HostNetwork::given_by(std::size_t balancer) const {
  auto visit = Visit::to(wires_[balancers_[balancer].wire]);
  if (!visit) return tl::unexpected(visit.error());
  std::vector<std::uint64_t> counts;
  for (std::size_t e = 0; e < balancers_[balancer].up.size(); ++e) {
    // "... { packets 17 bytes 1020 ...": one packet a connection, as only its first one meets a nat rule.
    auto text = ask_nft({"list", "counter", "inet", "netlimits", fmt::format("b{}_{}", balancer, e)});
    if (!text) return tl::unexpected(text.error());
    const std::size_t at = text->find("packets ");
    counts.push_back(at == std::string::npos ? 0 : std::stoull(text->substr(at + 8)));
  }
  return counts;
}

SystemResult<std::map<FourTuple, std::size_t>> HostNetwork::came_through() const {
  std::map<FourTuple, std::size_t> found;
  std::size_t first = 0;  // number of the balancer's first back end
  for (const Balancing& balancing : balancers_) {
    const Balancer& configuration = *balancing.configuration;
    auto visit = Visit::to(wires_[balancing.wire]);
    if (!visit) return tl::unexpected(visit.error());
    auto done = each_tracked_flow([&](const TrackedFlow& flow) {
      if (flow.client.remote != configuration.endpoint) return;
      for (std::size_t e = 0; e < configuration.back_ends.size(); ++e) {
        if (configuration.back_ends[e] == flow.answer.local) found.emplace(flow.answer, first + e);
      }
    });
    if (!done) return tl::unexpected(done.error());
    first += configuration.back_ends.size();
  }
  return found;
}

SystemResult<std::vector<std::vector<std::uint64_t>>> HostNetwork::back_end_counts() const {
  std::vector<std::vector<std::uint64_t>> counts;
  for (std::size_t b = 0; b < balancers_.size(); ++b) {
    auto given = given_by(b);
    if (!given) return tl::unexpected(given.error());
    counts.push_back(std::move(*given));
  }
  return counts;
}

}  // namespace netlimits::live
