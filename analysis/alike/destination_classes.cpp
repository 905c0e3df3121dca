// Signs are compared: all that a network asks of a destination but its endpoint.
#include "analysis/alike/destination_classes.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "analysis/client_plan.hpp"
#include "analysis/client_turns.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/listening.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::size_t like_no_other = ~std::size_t{0};

// What the network asks of a listener that is a destination's own.
using OwnListener = std::tuple<bool, std::uint64_t, bool, bool>;

struct Sign {
  IpAddress source{};
  bool loopback_leaves = false;
  Reach reach{};
  std::optional<ReachedListener> listener{};  // but for the listener itself where it is the destination's own
  std::optional<OwnListener> own{};
  std::size_t alone = like_no_other;  // the number of a destination that is like no other
  auto operator<=>(const Sign&) const = default;
};

const Listener& listener_at(const Target& target) {
  return target.host->processes[target.process].listeners[target.listener];
}

Sign sign_of(const PlannedWorkload& workload, std::size_t position, bool own, std::size_t number) {
  const Target& target = workload.targets[position];
  Sign sign{workload.chosen_sources[position], workload.loopback_leaves[position], target.reach};
  switch (target.reach) {
    case Reach::no_listener:
    case Reach::no_route:
      return sign;
    case Reach::listener: {
      sign.listener = reached_listener(target);
      if (!own) return sign;
      std::get<4>(*sign.listener) = 0;
      const Listener& listener = listener_at(target);
      sign.own = OwnListener{drops_every_syn(*target.host, listener), accept_queue_size(*target.host, listener),
                             std::holds_alternative<AcceptStalled>(listener.accept), listener.reuse_port};
      return sign;
    }
    default:
      sign.alone = number;
      return sign;
  }
}

// The limit and the place without the endpoint. Nothing: its place is no way out to one, and no listener.
std::optional<std::pair<PlacedLimit, Endpoint>> without_endpoint(PlacedLimit limit) {
  if (auto* const out = std::get_if<OutboundPlace>(&limit.place.what)) {
    const auto* const to = std::get_if<Endpoint>(&out->destination);
    if (to == nullptr) return std::nullopt;
    const Endpoint endpoint = *to;
    out->destination = All{};
    return std::pair(limit, endpoint);
  }
  if (auto* const at = std::get_if<ListenerPlace>(&limit.place.what)) {
    const Endpoint endpoint = std::exchange(at->endpoint, Endpoint{});
    return std::pair(limit, endpoint);
  }
  return std::nullopt;
}

}  // namespace

ReachedListener reached_listener(const Target& target) {
  return {target.host, target.instance, target.own, target.process, target.listener};
}

DestinationClasses::DestinationClasses(const std::vector<const PlannedWorkload*>& workloads,
                                       const std::set<ReachedListener>& own)
    : host_(workloads.front()->host) {
  std::set<Endpoint> repeated;
  for (const PlannedWorkload* const workload : workloads) {
    std::set<Endpoint> met;
    for (const Endpoint& to : workload->workload->to)
      if (!met.insert(to).second) repeated.insert(to);
  }
  std::map<Endpoint, std::size_t> known;
  std::map<Sign, std::size_t> classes;
  for (const PlannedWorkload* const workload : workloads) {
    std::vector<std::size_t>& numbers = numbers_[workload->index];
    for (std::size_t position = 0; position < workload->destinations(); ++position) {
      const Endpoint& to = workload->workload->to[position];
      const bool is_repeated = repeated.contains(to);
      const auto found = known.find(to);
      if (found != known.end() && !is_repeated) {
        numbers.push_back(found->second);
        continue;
      }
      const std::size_t number = to_.size();
      numbers.push_back(number);
      known.emplace(to, number);
      to_.push_back(to);
      by_to_.emplace(to, number);
      const Target& target = workload->targets[position];
      const bool has_own = target.reach == Reach::listener && !is_repeated && own.contains(reached_listener(target));
      listener_.push_back(has_own ? std::optional(listener_at(target).endpoint) : std::nullopt);
      if (has_own) by_listener_[*listener_.back()].push_back(number);
      Sign sign = sign_of(*workload, position, has_own, number);
      if (is_repeated) sign.alone = number;
      divided_.class_of.push_back(classes.try_emplace(sign, classes.size()).first->second);
    }
  }
  divided_.classes = classes.size();
  for (const auto& [workload, numbers] : numbers_) {
    std::vector<std::size_t>& positions = positions_[workload];
    positions.resize(to_.size(), like_no_other);
    for (std::size_t position = 0; position < numbers.size(); ++position) positions[numbers[position]] = position;
  }
}

std::vector<std::size_t> DestinationClasses::met_by(const PlacedLimit& limit) const {
  if (const auto* const out = std::get_if<OutboundPlace>(&limit.place.what)) {
    if (out->on.name.view() != host_->name) return {};
    const auto [begin, end] = by_to_.equal_range(std::get<Endpoint>(out->destination));
    std::vector<std::size_t> numbers;
    for (auto at = begin; at != end; ++at) numbers.push_back(at->second);
    return numbers;
  }
  const auto found = by_listener_.find(std::get<ListenerPlace>(limit.place.what).endpoint);
  return found == by_listener_.end() ? std::vector<std::size_t>{} : found->second;
}

// Whose places are lifted to the same limits stay together.
const DestinationClasses::Division& DestinationClasses::under(const LiftedLimits& lifted) const {
  if (lifted.all().empty()) return divided_;
  if (last_ && last_lifted_.is_same_list(lifted)) return *last_;
  Division division = divided_;
  std::map<std::pair<std::size_t, PlacedLimit>, std::size_t> further;
  for (const PlacedLimit& limit : lifted.all()) {
    const auto without = without_endpoint(limit);
    if (!without) continue;
    for (const std::size_t number : met_by(limit)) {
      std::size_t& its = division.class_of[number];
      const auto [found, is_new] = further.try_emplace({its, without->first}, division.classes);
      if (is_new) ++division.classes;
      its = found->second;
    }
  }
  last_lifted_ = lifted;
  last_ = std::move(division);
  return *last_;
}

// Turns are followed by destination. Where they do not tell, and nothing makes one of many destinations another thing
// than the next, those that are alike are found.
void ClientPlan::find_destinations_alike(const Scenario& scenario, const Wiring& wiring) {
  std::map<const HostGroup*, std::vector<const PlannedWorkload*>> large;
  for (const auto& [name, members] : of_host) {
    const HostGroup& host = *workloads[members.front()].host;
    std::uint64_t kinds = 0;
    std::vector<const PlannedWorkload*> all;
    for (const std::size_t index : members) {
      all.push_back(&workloads[index]);
      kinds = bounded_sum(kinds, bounded_product(bounded_product(all.back()->sources, all.back()->destinations()),
                                                 all.back()->process->count));
    }
    const bool joint =
        std::any_of(joint_.begin(), joint_.end(), [&](const auto& one) { return std::get<0>(one.first) == &host; });
    // A gateway has ports of its own for each destination.
    const bool behind_gateway = std::any_of(all.begin(), all.end(), [](const PlannedWorkload* workload) {
      return std::any_of(workload->targets.begin(), workload->targets.end(),
                         [](const Target& target) { return target.gateway != nullptr; });
    });
    const bool apart =
        !host.held_connections.empty() || pools_meet(host) || named_are_in_the_way(host) || joint || behind_gateway;
    if (kinds > most_kinds_in_turn && !apart) large.emplace(&host, std::move(all));
  }
  if (large.empty()) return;
  std::map<ReachedListener, std::set<std::pair<const HostGroup*, Endpoint>>> reached;
  for (const PlannedWorkload& workload : workloads) {
    for (std::size_t position = 0; position < workload.destinations(); ++position) {
      const Target& target = workload.targets[position];
      if (target.reach == Reach::listener)
        reached[reached_listener(target)].insert({workload.host, workload.workload->to[position]});
    }
  }
  std::set<ReachedListener> by_balancers;
  for (const auto& [name, balancer] : scenario.balancers)
    for (const Endpoint& back_end : balancer.back_ends)
      by_balancers.insert(reached_listener(wiring.behind(balancer, back_end)));
  std::set<ReachedListener> own;
  for (const auto& [listener, by] : reached)
    if (by.size() == 1 && by.begin()->first->count == 1 && !by_balancers.contains(listener)) own.insert(listener);
  for (const auto& [host, all] : large) alike_.emplace(host, DestinationClasses(all, own));
}

const DestinationClasses* ClientPlan::destinations_alike(const HostGroup& host) const {
  const auto found = alike_.find(&host);
  return found == alike_.end() ? nullptr : &found->second;
}

}  // namespace netlimits::analysis
