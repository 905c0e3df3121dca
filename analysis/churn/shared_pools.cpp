// Which workloads meet in a pool; then, of those that do, rates by Little's law and the first failure by a walk.
#include "analysis/churn/shared_pools.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "analysis/churn/bounded_rates.hpp"
#include "analysis/churn/joint_walk.hpp"
#include "analysis/churn/open_ends.hpp"
#include "analysis/churn/pool_drawer.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

class Group {
 public:
  Group(std::vector<Drawer> drawers, const ClientPlan& plan)
      : drawers_(std::move(drawers)), plan_(plan), host_(*drawers_.front().planned->host) {
    std::sort(drawers_.begin(), drawers_.end(),
              [](const Drawer& a, const Drawer& b) { return a.planned->index < b.planned->index; });
    std::vector<std::uint64_t> connections;
    for (const PlannedWorkload& planned : plan.workloads) connections.push_back(planned.workload->connections);
    std::set<Pool> all;
    for (const Drawer& drawer : drawers_) {
      all.merge(drawer.all_pools());
      taken_by_others_ = std::max(taken_by_others_, plan.taken_by_others(drawer.planned->index, connections));
      all_arrive_by_law_ = all_arrive_by_law_ && drawer.arrives_by_law();
      some_ends_are_open_ = some_ends_are_open_ || drawer.end_is_open();
    }
    const std::uint64_t kept = kept_in_vain(drawers_.front(), plan);
    some_wait_in_vain_ = kept > 0;
    taken_by_others_ = bounded_sum(taken_by_others_, kept);
    pools_.assign(all.begin(), all.end());
    for (const HeldConnections& held : host_.held_connections)
      if (held.state != HeldConnectionState::open) changes_.insert(held.ends_after);
    for (const Pool& pool : pools_) {
      std::vector<Interval> sizes{ports_of(pool, Duration::zero())};
      for (const Duration change : changes_) sizes.push_back(ports_of(pool, change));
      sizes_.push_back(std::move(sizes));
    }
  }

  // Is what one of them does alone not all that there is to know?
  bool needs_all() const {
    const bool any =
        std::any_of(drawers_.begin(), drawers_.end(), [](const Drawer& one) { return one.state != nullptr; });
    if (!any || changes_.size() > most_changes) return false;
    const Drawer& first = drawers_.front();
    return share_unevenly() || taken_by_others_ > 0 || !changes_.empty() || first.end_is_open() ||
           std::holds_alternative<RampRate>(first.planned->workload->arrivals) || !first.arrives_by_law();
  }

  void write() {
    if (share_unevenly()) write_rates();
    for (Drawer& drawer : drawers_) {
      if (drawer.state == nullptr) continue;
      drawer.state->first_failure_after.reset();
      drawer.state->first_failure_at.reset();
      drawer.state->would_fail_after.reset();
      drawer.state->would_fail_at.reset();
      drawer.state->failure_is_open = false;
      drawer.state->followed = all_arrive_by_law_ && !some_ends_are_open_;
      if (all_arrive_by_law_) {
        if (!write_first_failure(drawer, found(false), false)) write_first_failure(drawer, found(true), true);
      } else {
        write_drawn_failure(drawer);
      }
    }
    let_some_stay_out(drawers_);
  }

 private:
  static constexpr std::size_t most_changes = 64;

  // A destination that is listed twice is one pool, and one that nobody answers at is none; several destinations can
  // have a pool of one source between them.
  bool share_unevenly() const {
    const Drawer& first = drawers_.front();
    if (drawers_.size() > 1 || pools_differ() || !first.ways_are_alike()) return true;
    if (first.kind.sharing == PortSharing::four_tuple) return first.ways() != pools_.size();
    return std::any_of(pools_.begin(), pools_.end(),
                       [&](const Pool& pool) { return first.ways_to(pool) * pools_.size() != first.ways(); });
  }

  bool pools_differ() const {
    return std::any_of(sizes_.begin(), sizes_.end(),
                       [&](const auto& sizes) { return sizes.back() != sizes_.front().back(); });
  }

  Interval ports_of(const Pool& pool, Duration after) const {
    PoolKind kind = drawers_.front().kind;
    if (pool.local) kind.source = *pool.local;
    return automatic_ports(host_, kind, pool.to.value_or(drawers_.front().planned->workload->to.front()), after);
  }

  std::size_t number_of(const Pool& pool) const {
    return static_cast<std::size_t>(std::lower_bound(pools_.begin(), pools_.end(), pool) - pools_.begin());
  }

  // Of one host, in the long run.
  std::uint64_t left_by_those_for_ever(const Pool& pool) const {
    std::uint64_t gone = 0;
    for (const Drawer& drawer : drawers_) {
      if (drawer.hold) continue;
      const std::uint64_t ways = drawer.ways() * host_.count;
      gone += (bounded_product(drawer.planned->workload->connections, drawer.ways_to(pool)) + ways - 1) / ways;
    }
    const std::uint64_t ports = sizes_[number_of(pool)].back().min;
    return ports - std::min(ports, gone);
  }

  // Those that come to the pool while this one's begin, at the moment when they are most.
  std::pair<SharedPlaces, std::vector<std::string>> most_at(const Pool& pool) const {
    std::pair<SharedPlaces, std::vector<std::string>> most;
    std::set<SimTime> starts;
    for (const Drawer& at : drawers_) {
      if (!starts.insert(at.planned->workload->start).second) continue;
      std::pair<SharedPlaces, std::vector<std::string>> now;
      for (const Drawer& one : drawers_) {
        const Workload& workload = *one.planned->workload;
        const auto rate = asked_rate(workload);
        const std::uint64_t ways = one.ways_to(pool);
        if (!rate || !one.hold || ways == 0) continue;
        if (workload.start > at.planned->workload->start || one.last() < at.planned->workload->start) continue;
        now.first.add(*rate, ways, one.ways() * host_.count,
                      bounded_sum(one.course_to(pool).until_closed, one.course_to(pool).longest_wait()));
        now.second.push_back(workload.name);
      }
      if (now.first.asked() && (!most.first.asked() || now.first.more_than(most.first))) most = std::move(now);
    }
    return most;
  }

  void write_rates() {
    std::uint64_t all_ports = 0;
    for (const auto& sizes : sizes_) all_ports = bounded_sum(all_ports, sizes.back().max);
    const bool full_table = host_.settings.max_time_wait_buckets < all_ports;
    std::vector<std::optional<decltype(most_at(pools_.front()))>> most(pools_.size());
    std::vector<std::uint64_t> left_at(pools_.size());
    std::vector<SteadyState> rates_at(pools_.size());  // those who share a pool get the same
    for (Drawer& drawer : drawers_) {
      if (drawer.state == nullptr || !asked_rate(*drawer.planned->workload)) continue;
      SteadyState& state = *drawer.state;
      bool is_first = true;
      for (const Pool& pool : drawer.all_pools()) {
        const std::size_t number = number_of(pool);
        if (!most[number]) {
          most[number] = most_at(pool);
          left_at[number] = left_by_those_for_ever(pool);
          if (most[number]->first.asked()) rates_at[number] = rates_of(pool, most[number]->first, left_at[number]);
        }
        const auto& [shared, names] = *most[number];
        if (!shared.asked()) continue;
        const std::uint64_t left = left_at[number];
        if (!is_first && !smaller_part(shared.served(left), shared.offered(), state.sustained, *state.offered))
          continue;
        is_first = false;
        state.sustained = rates_at[number].sustained;
        state.sustained_at_most = rates_at[number].sustained_at_most;
        state.time_wait = drawer.course_to(pool).longest_wait();
        state.port_held = bounded_sum(drawer.course_to(pool).until_closed, state.time_wait);
        state.offered = shared.offered();
        state.sustained_open = full_table;
        state.past_the_buckets = false;
        state.ports = {left, std::max(left, sizes_[number].back().max)};
        state.together = names.size() > 1 ? names : std::vector<std::string>{};
        state.sure_up_to = rates_at[number].sure_up_to;
        state.place = place_of(drawer, pool);
      }
    }
  }

  SteadyState rates_of(const Pool& pool, const SharedPlaces& shared, std::uint64_t left) const {
    SteadyState rates{.sustained = shared.served(left)};
    if (shared.more_than_places(left)) write_bounds(rates, shared, left);
    rates.sure_up_to = shared.surely_served(left, streams_to(drawers_, pool));
    return rates;
  }

  Place place_of(const Drawer& drawer, const Pool& pool) const {
    return port_pool_place(host_, drawer.kind.sharing, pool.local.value_or(drawer.planned->local_address(0, 0)),
                           pool.to.value_or(drawer.planned->workload->to.front()));
  }

  struct Walks {  // in whichever order things come that happen at one moment, without luck and with it
    std::vector<JointWalk::Found> found;
  };

  // `on`: did those that come at a rate go on at it.
  const Walks& found(bool on) {
    auto& walks = on ? gone_on_ : as_it_is_;
    if (walks) return *walks;
    walks = Walks();
    std::uint64_t all_ports = 0;
    for (const auto& sizes : sizes_) all_ports = bounded_sum(all_ports, sizes.back().max * host_.count);
    JointWalk walk;
    walk.pools = pools_.size() * host_.count;
    walk.entries = host_.settings.max_time_wait_buckets;
    for (const Drawer& drawer : drawers_) {
      const Workload& workload = *drawer.planned->workload;
      const AssignmentShape shape = shape_of(workload, host_, *drawer.planned->process);
      Comer comer{&workload, drawer.courses, drawer.hold.has_value(), workload.connections};
      if (on && drawer.hold && asked_rate(workload))
        comer.connections = std::max(comer.connections, bounded_product(all_ports, 2));
      comer.from = [this, &drawer, shape](std::uint64_t k) -> std::optional<DrawnFrom> {
        const Assignment assigned = assign(shape, k);
        const std::uint64_t way = drawer.way(assigned);
        const auto& pool = drawer.pools[way];
        if (!pool) return std::nullopt;
        return DrawnFrom{number_of(*pool) * host_.count + assigned.host_instance, assigned.host_instance, way};
      };
      walk.comers.push_back(std::move(comer));
    }
    const bool full_table = host_.settings.max_time_wait_buckets < all_ports;
    const auto follow = [&](const JointWalk& one) {
      walks->found.push_back(one.walk(AtOneMoment::entries_end_first));
      if (full_table) walks->found.push_back(one.walk(AtOneMoment::connections_close_first));
    };
    follow(with_luck(walk, false));
    if (some_ends_are_open_ || sizes_vary() || taken_by_others_ > 0) follow(with_luck(walk, true));
    return *walks;
  }

  bool sizes_vary() const {
    return std::any_of(sizes_.begin(), sizes_.end(), [](const auto& sizes) {
      return std::any_of(sizes.begin(), sizes.end(), [](const Interval& one) { return !one.exact(); });
    });
  }

  // With luck a pool has as many ports as it can.
  JointWalk with_luck(JointWalk walk, bool luck) const {
    walk.ports = [this, luck](std::uint64_t pool, SimTime now) {
      const auto& sizes = sizes_[pool / host_.count];
      const auto passed =
          static_cast<std::size_t>(std::distance(changes_.begin(), changes_.upper_bound(now.time_since_epoch())));
      return luck ? sizes[passed].max : sizes[passed].min - std::min(sizes[passed].min, taken_by_others_);
    };
    return with_open_ends(std::move(walk), drawers_, plan_, luck);
  }

  // So many of those that come to this pool were let through before it.
  std::uint64_t let_through(const JointWalk::Refused& refused, const Pool& pool) {
    const auto [known, is_new] = let_through_.try_emplace({&refused, number_of(pool)});
    for (std::size_t i = 0; is_new && i < drawers_.size(); ++i)
      if (drawers_[i].ways_to(pool) > 0) known->second += refused.let_through[i];
    return known->second;
  }

  // False: none of its pools is ever used up.
  bool write_first_failure(Drawer& drawer, const Walks& walks, bool on) {
    std::optional<Interval> after;
    std::optional<SimTime> at;
    bool open = false;
    std::optional<Pool> where;
    for (const JointWalk::Found& found : walks.found) {
      const JointWalk::Refused* first = nullptr;
      std::size_t in = 0;
      for (std::size_t i = 0; i < found.by_pool.size(); ++i) {
        if (!found.by_pool[i] || drawer.ways_to(pools_[i / host_.count]) == 0) continue;
        if (first != nullptr && first->number <= found.by_pool[i]->number) continue;
        first = &*found.by_pool[i];
        in = i / host_.count;
      }
      if (first == nullptr) {
        open = true;
        continue;
      }
      const std::uint64_t count = let_through(*first, pools_[in]);
      after = after ? Interval{std::min(after->min, count), std::max(after->max, count)} : Interval::exactly(count);
      if (!at || first->at < *at) {
        at = first->at;
        where = pools_[in];
      }
    }
    if (!after) return false;
    SteadyState& state = *drawer.state;
    if (some_ends_are_open_ && open && !comes_too_fast(state)) return true;
    if (drawers_.size() > 1 || pools_.size() == 1) state.place = place_of(drawer, *where);
    if (open) after->max = std::max(after->max, asked_of(*where));
    // Chance decides when, or those who wait for an answer in vain may be refused before.
    if (!after->exact() || some_wait_in_vain_) at.reset();
    (on ? state.would_fail_after : state.first_failure_after) = after;
    (on ? state.would_fail_at : state.first_failure_at) = at;
    if (!on) state.failure_is_open = open;
    return true;
  }

  // Of those that come while the first ones keep their ports there are so many more than ports, by six times what their
  // number usually differs by, that chance would have to be one in a billion.
  bool fails_all_but_surely(const SustainedRate& offered, const Pool& pool) const {
    Duration kept = Duration::max();
    std::uint64_t ways = 1;
    for (const Drawer& one : drawers_) {
      if (one.ways_to(pool) == 0) continue;
      const PortCourse& course = one.course_to(pool);
      const Duration open = course.until_closed - (one.hold_is_drawn() ? *one.hold : Duration::zero());
      if (one.hold) kept = std::min(kept, bounded_sum(open, course.longest_wait()));
      ways = std::max(ways, one.ways() / one.ways_to(pool) * host_.count);
    }
    SharedPlaces come;
    come.add(offered, 1, ways, kept);
    return come.surely_more_than(sizes_[number_of(pool)].front().max);
  }

  static bool comes_too_fast(const SteadyState& state) {
    const SustainedRate most = state.sustained_at_most.value_or(state.sustained);
    return state.offered && !state.sustained_open && above(*state.offered, most);
  }

  std::uint64_t asked_of(const Pool& pool) const {
    std::uint64_t sum = 0;
    for (const Drawer& drawer : drawers_)
      if (drawer.ways_to(pool) > 0) sum = bounded_sum(sum, drawer.planned->workload->connections);
    return sum;
  }

  // Chance decides when they come: none fails before all ports of a pool can be taken at once.
  void write_drawn_failure(Drawer& drawer) {
    SteadyState& state = *drawer.state;
    if (!comes_too_fast(state)) return;
    std::optional<std::uint64_t> first;
    bool surely = false;
    std::uint64_t asked = 0;
    for (const Pool& pool : drawer.all_pools()) {
      const std::uint64_t least = before_one_is_used_up(drawer, pool);
      if (first && *first <= least) continue;
      first = least;
      asked = asked_of(pool);
      surely =
          sure_to_come_to(pool) > sizes_[number_of(pool)].front().max && fails_all_but_surely(*state.offered, pool);
    }
    if (!first || *first >= asked) return;
    state.first_failure_after = Interval{*first, asked};
    state.failure_is_open = !surely;
  }

  // Alone it takes its ways in turn, each program from one of its own on.
  std::uint64_t before_one_is_used_up(const Drawer& drawer, const Pool& pool) const {
    const std::uint64_t ports = ports_at_first(pool);
    if (drawers_.size() > 1 || (drawer.planned->programs == 1 && drawer.ways() == 1)) return ports;
    const std::uint64_t in_turn = ports * host_.count * drawer.ways() / drawer.ways_to(pool);
    const std::uint64_t out_of_step = drawer.planned->programs * drawer.ways();
    return std::max(ports, in_turn - std::min(in_turn, out_of_step));
  }

  std::uint64_t ports_at_first(const Pool& pool) const {
    const std::uint64_t ports = sizes_[number_of(pool)].front().min;
    return ports - std::min(ports, taken_by_others_);
  }

  // Of one host, as turns go round.
  std::uint64_t sure_to_come_to(const Pool& pool) const {
    std::uint64_t sum = 0;
    for (const Drawer& one : drawers_)
      sum = bounded_sum(
          sum, bounded_product(one.planned->workload->connections, one.ways_to(pool)) / (one.ways() * host_.count));
    return sum;
  }

  std::vector<Drawer> drawers_;
  const ClientPlan& plan_;
  const HostGroup& host_;
  std::vector<Pool> pools_{};
  std::uint64_t taken_by_others_ = 0;  // ports of one host, by workloads that bind otherwise; at most
  bool some_wait_in_vain_ = false;
  bool all_arrive_by_law_ = true;
  bool some_ends_are_open_ = false;
  std::set<Duration> changes_{};                // when connections from before the scenario are gone
  std::vector<std::vector<Interval>> sizes_{};  // by pool: at the beginning, and from each change on
  std::map<std::pair<const JointWalk::Refused*, std::size_t>, std::uint64_t> let_through_{};
  std::optional<Walks> as_it_is_{};
  std::optional<Walks> gone_on_{};
};

}  // namespace

void share_pools(std::vector<SteadyState>& states, const ClientPlan& plan, const Wiring& wiring) {
  std::vector<Drawer> drawers;
  std::map<std::string, SteadyState*> by_name;
  for (SteadyState& state : states) by_name.insert_or_assign(state.workload, &state);
  for (const PlannedWorkload& planned : plan.workloads) {
    auto drawer = drawer_of(planned, wiring);
    if (!drawer) continue;
    drawer->state = by_name[planned.workload->name];
    drawers.push_back(std::move(*drawer));
  }
  for (std::vector<Drawer>& meeting : that_meet(std::move(drawers))) {
    Group group(std::move(meeting), plan);
    if (group.needs_all()) group.write();
  }
}

}  // namespace netlimits::analysis
