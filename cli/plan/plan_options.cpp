// A goal, wishes, proof and output.
#include "cli/plan/plan_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/line/options.hpp"
#include "cli/plan/plan_command.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::cli {
namespace {

std::vector<std::string> knob_names() {
  std::vector<std::string> names;
  for (const analysis::Knob& knob : analysis::knobs()) names.emplace_back(knob.name);
  return names;
}

std::optional<analysis::SustainedRate> asked_rate_in(const std::string& text) {
  const auto rate = scenarios::parse_rate(text);
  if (!rate || rate->thousandths == 0) return std::nullopt;
  return analysis::SustainedRate{rate->thousandths, 1000 * static_cast<std::uint64_t>(rate->per.count())};
}

void add_goal(CLI::App& command, analysis::PlanGoal& goal) {
  auto* goals = command.add_option_group("goal", "What it has to carry; at least one of these");
  auto* target =
      goals->add_option("--target", goal.held, "So many connections at the same time, of all workloads together")
          ->check(CLI::Range(std::uint64_t{1}, analysis::most_planned))
          ->type_name("N");
  auto* rate = goals
                   ->add_option_function<std::string>(
                       "--rate", [&goal](const std::string& text) { goal.rate = asked_rate_in(text); },
                       "So many new connections a second, of each workload whose connections end: 500/s")
                   ->check([](const std::string& text) {
                     return asked_rate_in(text)
                                ? std::string()
                                : "expected a rate such as 500/s or 30/min, found " + scenarios::in_quotes(text);
                   })
                   ->type_name("RATE");
  goals
      ->add_option_function<int>(
          "--survive", [&goal](const int&) { goal.survive = true; },
          "... with any one host behind a balancer, or back end, down; without the others: what it asks for now")
      ->check(CLI::Range(1, 1))
      ->type_name("1");
  goals->require_option(1, 2);
  target->excludes(rate);
  command.add_option("--workload", goal.workload, "The workload that --target or --rate is about")->type_name("NAME");
}

void add_wishes(CLI::App& command, analysis::PlanWishes& wishes) {
  const auto is_knob = [](const std::string& name) {
    return analysis::knob_named(name) != nullptr
               ? std::string()
               : fmt::format("expected one of {}, found {}", fmt::join(knob_names(), ", "), scenarios::in_quotes(name));
  };
  command
      .add_option("--prefer", wishes.preferred,
                  fmt::format("A change that you would rather make, at a quarter of its cost: {}",
                              fmt::join(knob_names(), ", ")))
      ->check(is_knob)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("KNOB");
  command.add_option("--forbid", wishes.forbidden, "A change that no plan may make")
      ->check(is_knob)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("KNOB");
  command.add_option("--plans", wishes.most, "How many plans at most, the cheapest first")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace

void add_plan(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "plan",
      "The smallest sets of changes with which a scenario carries more, the cheapest first: before, after, what makes "
      "each change, what else it does, and the proof\n\n"
      "Example: netlimits plan scenarios/outbound-exhaustion.json --target 1000000\n"
      "         netlimits plan scenarios/time-wait-churn.json --rate 2000/s --forbid time_wait_reuse\n"
      "         netlimits plan service.json --target 50000 --apply 1 --output larger.json\n"
      "Ends with 1 where no plan reaches it.");
  auto arguments = std::make_shared<PlanArguments>();
  add_scenario_arguments(*command, arguments->scenario, false);
  add_goal(*command, arguments->goal);
  add_wishes(*command, arguments->wishes);
  const std::map<std::string, Proven> words{{"none", Proven::none}, {"few", Proven::few}, {"all", Proven::all}};
  command
      ->add_option(
          "--prove", arguments->proof.proven,
          "Which plans a simulation has to prove: none, few (the first, and others up to 1,000,000 connections "
          "in all), or all")
      ->transform(CLI::CheckedTransformer(words))
      ->default_str("few");
  auto* validate = command->add_flag("--validate", arguments->proof.validate,
                                     "And this machine's kernel, on a twin of each changed scenario that is run");
  command->add_flag("--require-kernel", arguments->proof.require_kernel, "Exit 4 when the kernel could not be asked")
      ->needs(validate);
  command->add_option("--apply", arguments->apply, "Write the scenario of this plan, and no report")
      ->check(CLI::PositiveNumber)
      ->type_name("K");
  add_bounds(*command, arguments->proof.bounds);
  add_output_arguments(*command, arguments->output, {Format::text, Format::json, Format::markdown});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, plan_command(*arguments)); });
}

}  // namespace netlimits::cli
