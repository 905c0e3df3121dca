// The turns of a scenario's workloads: what their hosts have room for, read from the plan of the client side.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "analysis/client_plan.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

// Of connections on one host whose turns are told apart; more are not worth it.
constexpr std::size_t most_kinds_in_turn = 1024;

struct LetThrough {
  std::vector<std::uint64_t> kinds{};  // as turns.hpp numbers them
  bool certain = true;                 // false: whether some connections keep what they took is left open
};

// What is asked of a question again and again: of the workloads of a host once.
class QuestionInTime {
 public:
  // Keeps references to both.
  QuestionInTime(const ClientPlan& plan, const NetworkQuestion& question);

  const NetworkQuestion& question() const { return question_; }
  std::uint64_t asked() const { return asked_; }  // by all workloads
  // Do all connections of a host of the group come before the first one that nobody answers gives up?
  bool all_come_before_one_gives_up(const HostGroup& host) const;

 private:
  const ClientPlan& plan_;
  const NetworkQuestion& question_;
  std::uint64_t asked_;
  mutable std::map<const HostGroup*, bool> known_{};
};

// How many connections of each kind get as far as the network from one host of the workload's group. Nothing where
// turns do not tell: other workloads of the host come in between at moments that nobody knows, the program names its
// ports, both ends draw from one limit, or there are more kinds than are worth it. Draws: where it is left open whether
// a connection keeps what it took (it is refused at once or later, or gives up while others still come), the worst
// keeps it.
std::optional<LetThrough> let_through(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                                      std::uint64_t host, const NetworkQuestion& question);

// Are there few enough kinds, alone on their host, whose ports are not named?
bool turns_tell(const ClientPlan& plan, const PlannedWorkload& workload);

// May a connection to this destination give back what it took at home, since nobody accepts it, while others still
// come?
bool may_let_go(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                std::uint64_t destination, const QuestionInTime& question);

// A balancer remembers a SYN that nobody answers for longer than its client waits for the answer. A later connection
// that gets the same port stays with that back end and takes no turn. How many of the first connections of the workload
// certainly take a turn of their own there; nothing: all of them do.
std::optional<std::uint64_t> certain_turns(const ClientPlan& plan, const Wiring& wiring,
                                           const PlannedWorkload& workload, std::uint64_t destination,
                                           const QuestionInTime& question);

// May connections to this destination take further turns at a balancer? A gateway between lets go of a port whose SYN
// nobody answers sooner than the client gives up: what comes next with it is dealt out anew.
bool may_be_dealt_out_again(const ClientPlan& plan, const Wiring& wiring, const PlannedWorkload& workload,
                            std::uint64_t destination, const QuestionInTime& question);

}  // namespace netlimits::analysis
