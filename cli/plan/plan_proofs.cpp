// A run a plan, one after another, as many as were asked for.
#include "cli/plan/plan_proofs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "analysis/comparison/validation.hpp"
#include "analysis/plan/reached.hpp"
#include "cli/kernel_runs.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "cli/running_kernel.hpp"
#include "cli/twin_predictions.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/twin.hpp"
#include "report/validation_report.hpp"
#include "scenarios/collected/kernel_rules.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {
namespace {

constexpr std::uint64_t few_connections = 1'000'000;

std::uint64_t connections_of(const Scenario& scenario) {
  std::uint64_t all = 0;
  for (const auto& [name, workload] : scenario.workloads) all = bounded_sum(all, workload.connections);
  return all;
}

class Prover {
 public:
  Prover(const ProofArguments& arguments, const scenarios::ProfileSet& profiles, std::string file)
      : arguments_(arguments), profiles_(profiles), file_(std::move(file)) {}

  // Each of them has to hold.
  analysis::Proof run(const analysis::Plan& plan, const analysis::PlanGoal& goal, std::size_t number) {
    analysis::Proof proof = run_one(plan.scenario, number);
    if (!goal.survive) return proof;
    for (const analysis::Loss& loss : analysis::losses_of(plan.scenario)) {
      if (proof.verdict != analysis::ProofVerdict::holds) return proof;
      analysis::Proof without = run_one(loss.without, number);
      if (!without.why.empty()) without.why = fmt::format("while {} is down, {}", loss.host, without.why);
      proof = analysis::together(proof, without);
    }
    return proof;
  }

  report::KernelProof on_kernel(const Scenario& changed, const RunningKernel& kernel) {
    report::KernelProof proof{.asked = true};
    Scenario scenario = changed;
    scenarios::take_rules_of(*kernel.profile, kernel.release, scenario);
    MachineSize machine;
    machine.nofile_hard = live::hard_descriptor_limit();
    KernelRuns runs;
    runs.watch = [&](std::uint64_t, const live::ObserveProgress& progress) {
      line_.show(fmt::format("{}: {} s on the kernel", changed.name, progress.elapsed / std::chrono::seconds(1)));
    };
    Twin twin = twin_for(scenario, machine);
    proof.size = twin.divisor;
    if (auto refused = refused_before_run(twin.scenario, arguments_.bounds, file_)) {
      proof.why = *std::move(refused);
      return proof;
    }
    runs.begin(0, std::move(twin));
    KernelRuns::Ended ended = runs.wait();
    const auto predicted = predictions_of(ended.twin, arguments_.bounds, file_);
    if (!predicted) {
      proof.why = predicted.error();
      return proof;
    }
    const auto report = report::make_validation_report(
        scenario, analysis::validate(ended.twin, predicted->predicted, std::move(ended.seen), predicted->others));
    proof.kernel = report.found.not_asked.empty() ? report.found.kernel : "";
    proof.why = report.found.not_asked;
    proof.verdict = report.verdict;
    for (const analysis::Check& check : report.found.checks) {
      if (check.verdict == analysis::CheckVerdict::agrees || check.verdict != report.verdict) continue;
      proof.why = report::check_text(check);
      break;
    }
    const analysis::Proof of_twin = analysis::proof_of(ended.twin.scenario, predicted->predicted);
    if (proof.verdict == analysis::CheckVerdict::agrees && of_twin.verdict == analysis::ProofVerdict::fails)
      proof.why = fmt::format("in both some of the twin fail, which is smaller in other proportions: {}", of_twin.why);
    return proof;
  }

 private:
  analysis::Proof run_one(const Scenario& changed, std::size_t number) {
    const auto refuted = [](analysis::ProofVerdict verdict, std::string why) {
      return analysis::Proof{.verdict = verdict, .why = std::move(why)};
    };
    const auto read = scenarios::load_scenario(scenarios::scenario_text(changed), changed.name, profiles_, {});
    if (!read)
      return refuted(analysis::ProofVerdict::fails,
                     fmt::format("the scenario would be refused: {}", scenarios::text_of(read.error())));
    if (auto refused = refused_before_run(*read, arguments_.bounds, file_))
      return refuted(analysis::ProofVerdict::not_run, *std::move(refused));
    sim::ReplayOptions options;
    options.progress = [&](const sim::Progress& progress) {
      live::stop_if_interrupted();
      line_.show(fmt::format("plan {}: {} of {} connections begun", number + 1, progress.attempted, progress.asked));
    };
    auto result = replay_within(*read, arguments_.bounds, file_, options);
    if (!result) return refuted(analysis::ProofVerdict::not_run, std::move(result.error()));
    return analysis::proof_of(*read, *result);
  }

  const ProofArguments& arguments_;
  const scenarios::ProfileSet& profiles_;
  std::string file_;
  ProgressLine line_{};
};

}  // namespace

std::vector<report::PlanProof> proofs_of(const analysis::PlanAnswer& answer, const analysis::PlanGoal& goal,
                                         const ProofArguments& arguments, const scenarios::ProfileSet& profiles,
                                         const std::string& file) {
  std::vector<report::PlanProof> proofs(answer.plans.size());
  Prover prover(arguments, profiles, file);
  std::optional<RunningKernel> kernel;
  if (arguments.validate) {
    kernel = running_kernel(profiles);
    complain("netlimits plan: " + kernel->text());
    live::remember_interrupts();
  }
  std::uint64_t connections = 0;
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const analysis::Plan& plan = answer.plans[i];
    const std::uint64_t runs = 1 + (goal.survive ? analysis::losses_of(plan.scenario).size() : 0);
    connections = bounded_sum(connections, bounded_product(runs, connections_of(plan.scenario)));
    const bool is_run = arguments.proven == Proven::all ||
                        (arguments.proven == Proven::few && (i == 0 || connections <= few_connections));
    if (!is_run) {
      proofs[i].simulation.why = arguments.proven == Proven::none ? "--prove none" : "--prove all runs it";
      continue;
    }
    proofs[i].simulation = prover.run(plan, goal, i);
    if (kernel) proofs[i].kernel = prover.on_kernel(plan.scenario, *kernel);
  }
  return proofs;
}

}  // namespace netlimits::cli
