// Makes the turns of one workload on one host ready.
#include "analysis/client_turns.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "analysis/labelled_network.hpp"
#include "analysis/open_files.hpp"
#include "analysis/pools/gateway_pool.hpp"
#include "analysis/server_nodes.hpp"
#include "analysis/turns.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits::analysis {
namespace {

enum class Keeps : std::uint8_t { yes, no, open };

// From the first arrival to the last. Nothing: it is drawn.
std::optional<Duration> span_of(const Workload& workload, std::uint64_t connections) {
  if (std::holds_alternative<AtOnce>(workload.arrivals)) return Duration::zero();
  const auto* constant = std::get_if<ConstantRate>(&workload.arrivals);
  if (constant == nullptr || connections == 0) return std::nullopt;
  return bounded_product(constant->interval, connections - 1);
}

// From the first SYN that nobody answers to the error.
Duration until_given_up(const HostGroup& host) {
  const Rules& rules = host.profile->rules;
  Duration sum{};
  for (std::uint32_t sent = 0; sent <= syn_retransmissions(host.settings, rules); ++sent)
    sum += syn_timeout(sent, host.settings, rules);
  return sum;
}

// From the first connection of these workloads to the last one. Nothing: some time is drawn.
std::optional<Duration> span_of_all(const ClientPlan& plan, const std::vector<std::size_t>& workloads,
                                    const NetworkQuestion& question) {
  std::optional<SimTime> first;
  std::optional<SimTime> last;
  for (const std::size_t one : workloads) {
    const Workload& workload = *plan.workloads[one].workload;
    if (question.connections[one] == 0) continue;
    const auto span = span_of(workload, question.connections[one]);
    if (!span) return std::nullopt;
    first = std::min(first.value_or(workload.start), workload.start);
    last = std::max(last.value_or(workload.start), later(workload.start, *span));
  }
  return first ? *last - *first : Duration::zero();
}

class Reader {
 public:
  Reader(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload, const QuestionInTime& in_time)
      : plan_(plan),
        wiring_(wiring),
        workload_(workload),
        in_time_(in_time),
        question_(in_time.question()),
        asked_(in_time.asked()) {}

  std::optional<LetThrough> read(std::uint64_t host) {
    const HostGroup& group = *workload_.host;
    const std::uint64_t programs = workload_.process->count;
    const bool files = bounds_files(group);
    const bool descriptors = group.profile->rules.has(Rule::descriptors_process);
    if (files && plan_.ends_of(group) != Ends::one) return std::nullopt;
    if (descriptors && plan_.ends_of(*workload_.process) != Ends::one) return std::nullopt;
    Turns turns{.sources = workload_.sources, .destinations = workload_.destinations()};
    const std::uint64_t connections = question_.connections[workload_.index];
    for (std::uint64_t p = 0; p < programs; ++p) {
      const std::uint64_t program = p * group.count + host;
      turns.rounds.push_back(connections / workload_.programs + (program < connections % workload_.programs ? 1 : 0));
      turns.offset.push_back(program % workload_.destinations());
    }
    if (descriptors && binds(Limit::fd_per_process, process_place(group, *workload_.process)))
      turns.each_program = free_descriptors(*workload_.process);
    if (files && binds(Limit::fd_per_host, host_place(group))) turns.all_programs = free_files(group);
    add_pools(turns);
    LetThrough found;
    for (std::uint64_t d = 0; d < workload_.destinations(); ++d) {
      const Keeps keeps = keeps_at(d);
      found.certain = found.certain && keeps != Keeps::open;
      turns.keeps.push_back(keeps == Keeps::yes || (keeps == Keeps::open && question_.draws == Draws::worst));
    }
    found.kinds = analysis::let_through(turns);
    if (question_.draws == Draws::worst && turns.pools != least_pools_) {
      turns.pools = least_pools_;
      const std::vector<std::uint64_t> sooner = analysis::let_through(turns);
      std::transform(found.kinds.begin(), found.kinds.end(), sooner.begin(), found.kinds.begin(),
                     [](std::uint64_t a, std::uint64_t b) { return std::min(a, b); });
    }
    return found;
  }

  Keeps keeps_at(std::uint64_t destination) const {
    const Target target = workload_.target(0, destination);
    // No source address: refused at once.
    if (workload_.local_address(0, destination).is_wildcard()) return Keeps::no;
    if (plan_.tables.may_run_short(asked_, question_.lifted))
      return all_come_before_one_gives_up() && keeps_behind(target) == Keeps::yes ? Keeps::yes : Keeps::open;
    if (target.gateway != nullptr && runs_short(*target.gateway, workload_.workload->to[destination]))
      return target.gateway->nat.when_full == NatWhenFull::silence && all_come_before_one_gives_up() &&
                     keeps_behind(target) == Keeps::yes
                 ? Keeps::yes
                 : Keeps::open;
    return keeps_behind(target);
  }

  Keeps keeps_behind(const Target& target) const {
    if (target.reach != Reach::balancer) return keeps_at(target);
    Keeps all = Keeps::yes;
    for (const Endpoint& back_end : target.balancer->back_ends) {
      const bool comes_back = wiring_.comes_back(workload_.host->name, back_end);
      const Keeps behind = keeps_at(wiring_.behind(*target.balancer, back_end));
      if (behind != Keeps::yes || (comes_back && !all_come_before_one_gives_up())) all = Keeps::open;
    }
    return all;
  }

  std::optional<std::uint64_t> certain_turns(std::uint64_t destination) const {
    const Target target = workload_.target(0, destination);
    if (target.balancer == nullptr || all_come_before_one_gives_up()) return std::nullopt;
    const auto& back_ends = target.balancer->back_ends;
    const bool may_hang = std::any_of(back_ends.begin(), back_ends.end(), [&](const Endpoint& back_end) {
      const Target behind = wiring_.behind(*target.balancer, back_end);
      return wiring_.comes_back(workload_.host->name, back_end) ||
             (hangs_at(behind, asked_) && hangs_at(behind, most_that_come_to(behind, *target.balancer)));
    });
    if (!may_hang) return std::nullopt;
    const auto* constant = std::get_if<ConstantRate>(&workload_.workload->arrivals);
    const bool alone = plan_.of_host.at(workload_.host->name).size() == 1;
    if (constant == nullptr || !alone || constant->interval <= Duration::zero()) return 1;
    return static_cast<std::uint64_t>(until_given_up(*workload_.host) / constant->interval) + 1;
  }

  bool may_be_dealt_out_again(std::uint64_t destination) const {
    const Target& target = workload_.targets[destination];
    if (target.balancer == nullptr || target.gateway == nullptr) return false;
    if (plan_.tables.may_run_short(asked_, question_.lifted)) return true;
    if (runs_short(*target.gateway, workload_.workload->to[destination])) return true;
    const auto& back_ends = target.balancer->back_ends;
    return std::any_of(back_ends.begin(), back_ends.end(), [&](const Endpoint& back_end) {
      return wiring_.comes_back(workload_.host->name, back_end) ||
             hangs_at(wiring_.behind(*target.balancer, back_end), asked_);
    });
  }

 private:
  bool runs_short(const Gateway& gateway, const Endpoint& destination) const {
    return asked_ > gateway_ports(plan_, gateway, destination, question_.connections).min;
  }

  // How many the program accepts before it has no descriptor left.
  std::uint64_t room_in(const HostGroup& host, const Process& process, const Listener& listener) const {
    if (std::holds_alternative<AcceptStalled>(listener.accept)) return 0;
    std::uint64_t room = most_count;
    if (host.profile->rules.has(Rule::descriptors_process) &&
        binds(Limit::fd_per_process, process_place(host, process)))
      room = free_descriptors(process);
    if (bounds_files(host) && binds(Limit::fd_per_host, host_place(host))) room = std::min(room, free_files(host));
    return room;
  }

  // While every SYN is answered a back end has its turns of all that come to the balancer, and what comes to its host
  // in other ways.
  std::uint64_t most_that_come_to(const Target& back_end, const Balancer& balancer) const {
    std::uint64_t in_turn = 0;
    std::uint64_t otherwise = 0;
    for (const PlannedWorkload& one : plan_.workloads) {
      const std::uint64_t connections = question_.connections[one.index];
      bool passes = false;
      bool comes = false;
      for (const Target& target : one.targets) {
        if (target.balancer == &balancer) {
          passes = true;
        } else if (target.reach == Reach::balancer) {
          comes = true;
        } else {
          comes = comes || target.host == back_end.host;
        }
      }
      if (passes) in_turn = bounded_sum(in_turn, connections);
      if (comes) otherwise = bounded_sum(otherwise, connections);
    }
    const auto& all = balancer.back_ends;
    const auto here = static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), [&](const Endpoint& one) {
      return wiring_.behind(balancer, one).host == back_end.host;
    }));
    return bounded_sum(otherwise, bounded_product((in_turn + all.size() - 1) / all.size(), here));
  }

  // May one of so many SYNs that go there get no answer?
  bool hangs_at(const Target& target, std::uint64_t asked) const {
    if (target.host != nullptr && target.host->conntrack && asked > target.host->conntrack->room()) return true;
    switch (target.reach) {
      case Reach::held_listener:
        return asked > std::uint64_t{held_backlog};
      case Reach::listener: {
        const Process& process = target.host->processes[target.process];
        const Listener& listener = process.listeners[target.listener];
        const bool refuses = target.host->profile->rules.has(Rule::accept_queue_refuses);
        return drops_every_syn(*target.host, listener) ||
               (!refuses && asked > bounded_sum(room_in(*target.host, process, listener),
                                                accept_queue_size(*target.host, listener)));
      }
      case Reach::no_listener:
        return false;
      default:
        return true;
    }
  }

  bool all_come_before_one_gives_up() const { return in_time_.all_come_before_one_gives_up(*workload_.host); }

  bool binds(Limit limit, const Place& place) const { return !question_.lifted.contains({limit, place}); }

  void add_pools(Turns& turns) {
    const HostGroup& group = *workload_.host;
    std::map<std::pair<PoolKind, std::optional<Endpoint>>, std::size_t> known;
    for (std::uint64_t source = 0; source < workload_.sources; ++source) {
      for (std::uint64_t d = 0; d < workload_.destinations(); ++d) {
        const Endpoint& to = workload_.workload->to[d];
        const IpAddress local = workload_.local_address(source, d);
        const auto kind = pool_kind(group.profile->rules, workload_.workload->bind, local);
        if (!kind || !binds(Limit::ephemeral_ports, port_pool_place(group, kind->sharing, local, to))) {
          turns.pool_of.push_back(Turns::no_pool);
          continue;
        }
        const bool by_tuple = kind->sharing == PortSharing::four_tuple;
        const auto [found, is_new] =
            known.try_emplace({*kind, by_tuple ? std::optional(to) : std::nullopt}, turns.pools.size());
        // A smaller pool ends its own turns sooner, and leaves more of the rest to others: at worst either.
        const Interval& ports = plan_.pool_size(group, *kind, to);
        if (is_new) {
          least_pools_.push_back(ports.min);
          turns.pools.push_back(question_.draws == Draws::worst ? ports.max : ports.min);
          turns.pool_may_give_more.push_back(!ports.exact() && question_.draws == Draws::best);
        }
        turns.pool_of.push_back(found->second);
      }
    }
  }

  Keeps keeps_at(const Target& target) const {
    const Keeps while_it_hangs = all_come_before_one_gives_up() ? Keeps::yes : Keeps::open;
    switch (target.reach) {
      case Reach::held_listener:
        return asked_ <= std::uint64_t{held_backlog} ? Keeps::yes : while_it_hangs;
      case Reach::listener: {
        const Listener& listener = target.host->processes[target.process].listeners[target.listener];
        if (drops_every_syn(*target.host, listener)) return while_it_hangs;
        if (asked_ <= accept_queue_size(*target.host, listener)) return Keeps::yes;
        const bool refuses =
            target.host->profile->rules.has(Rule::accept_queue_refuses) || target.host->settings.abort_on_overflow;
        return refuses ? Keeps::open : while_it_hangs;
      }
      case Reach::no_listener:
        return target.own ? Keeps::no : Keeps::open;
      default:
        return while_it_hangs;
    }
  }

  const ClientPlan& plan_;
  const Wiring& wiring_;
  const PlannedWorkload& workload_;
  const QuestionInTime& in_time_;
  const NetworkQuestion& question_;
  std::uint64_t asked_;
  std::vector<std::uint64_t> least_pools_{};
};

}  // namespace

QuestionInTime::QuestionInTime(const ClientPlan& plan, const NetworkQuestion& question)
    : plan_(plan),
      question_(question),
      asked_(std::accumulate(question.connections.begin(), question.connections.end(), std::uint64_t{0})) {}

bool QuestionInTime::all_come_before_one_gives_up(const HostGroup& host) const {
  const auto [found, is_new] = known_.try_emplace(&host, false);
  if (is_new) {
    const std::optional<Duration> span = span_of_all(plan_, plan_.of_host.at(host.name), question_);
    found->second = span && *span < until_given_up(host);
  }
  return found->second;
}

bool turns_tell(const ClientPlan& plan, const PlannedWorkload& workload) {
  const std::size_t ways = workload.sources * workload.destinations();
  const bool alone = plan.of_host.at(workload.host->name).size() == 1;
  return alone && !workload.names_ports() &&
         workload.process->count <= most_kinds_in_turn / std::max<std::size_t>(1, ways);
}

bool may_let_go(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                std::uint64_t destination, const QuestionInTime& question) {
  return Reader(plan, wiring, workload, question).keeps_at(destination) != Keeps::yes;
}

std::optional<std::uint64_t> certain_turns(const ClientPlan& plan, const Wiring& wiring,
                                           const PlannedWorkload& workload, std::uint64_t destination,
                                           const QuestionInTime& question) {
  return Reader(plan, wiring, workload, question).certain_turns(destination);
}

bool may_be_dealt_out_again(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                            std::uint64_t destination, const QuestionInTime& question) {
  return Reader(plan, wiring, workload, question).may_be_dealt_out_again(destination);
}

std::optional<LetThrough> let_through(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                                      std::uint64_t host, const NetworkQuestion& question) {
  if (!turns_tell(plan, workload)) return std::nullopt;
  const QuestionInTime in_time(plan, question);
  return Reader(plan, wiring, workload, in_time).read(host);
}

}  // namespace netlimits::analysis
