// Questions of the network, and what of them is remembered.
#include "analysis/growth/asked_network.hpp"

#include <algorithm>

#include "analysis/churn/served_late.hpp"
#include "analysis/growth/luckiest.hpp"

namespace netlimits::analysis {

AskedNetwork::AskedNetwork(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network, Demand base)
    : scenario_(scenario), wiring_(wiring), network_(network), base_(std::move(base)), some_end_(some_end(scenario)) {
  take_base();
}

void AskedNetwork::take_base() {
  asked_ = sum_of(base_);
  luckiest_ = luckiest(scenario_, wiring_, base_);
}

NetworkQuestion AskedNetwork::lucky(const NetworkQuestion& of) const {
  NetworkQuestion question = this->question(luckiest_, Draws::best, of.accept_queues);
  question.believed = of.believed;
  question.some_end = of.some_end;
  return question;
}

NetworkAnswer AskedNetwork::ask(const Demand& connections, Draws draws, bool accept_queues) {
  NetworkAnswer answer = network_.ask(question(connections, draws, accept_queues));
  loosened_ = loosened_ || answer.loosened;
  return answer;
}

NetworkQuestion AskedNetwork::question(const Demand& connections, Draws draws, bool accept_queues) const {
  return {.connections = connections,
          .draws = draws,
          .accept_queues = accept_queues || queues_,
          .lifted = lifted_,
          .down = down_};
}

std::uint64_t AskedNetwork::most_held(const NetworkAnswer& worst, bool accept_queues) const {
  if (worst.held >= asked_ || (!worst.depends_on_draws && luckiest_ == base_ && !some_end_)) return worst.held;
  const NetworkQuestion best = lucky({.accept_queues = accept_queues, .some_end = some_end_});
  return std::max(worst.held, std::min(asked_, network_.ask(best, Naming::none).held));
}

void AskedNetwork::lift(const std::vector<CutLimit>& bound) {
  std::set<PlacedLimit> all = lifted_.all();
  for (const CutLimit& cut : bound) all.insert({cut.limit, cut.place});
  lifted_ = LiftedLimits(std::move(all));
}

bool AskedNetwork::holds_all(const Demand& connections, Draws draws, bool queues) {
  const NetworkAnswer answer = network_.ask(question(connections, draws, queues), Naming::none);
  loosened_ = loosened_ || answer.loosened;
  return answer.held == sum_of(connections);
}

}  // namespace netlimits::analysis
