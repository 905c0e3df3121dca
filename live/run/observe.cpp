// What no kernel can show of a scenario; then a run as an object: plan, shared memory, sandbox, progress, result.
#include "live/run/observe.hpp"

#include <cerrno>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "live/gateways/kernel_gateway.hpp"
#include "live/gateways/kernel_table.hpp"
#include "live/run/arrivals.hpp"
#include "live/run/process_set.hpp"
#include "live/run/record_reading.hpp"
#include "live/run/run_driver.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/running_kernel.hpp"
#include "live/sandbox/sandbox.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/addresses/own_addresses.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::live {
namespace {

constexpr std::chrono::milliseconds wait_at_a_time{100};
constexpr std::chrono::seconds worth_a_remark{1};
constexpr std::chrono::nanoseconds grace = std::chrono::minutes(2);
// Windows of a workload that are counted; a scenario with more is counted as a whole.
constexpr std::uint64_t most_windows = 20'000;

// Has this kernel no such setting? What it may not tell it has.
bool is_absent(std::string_view setting) {
  const auto value = read_sysctl(setting);
  return !value && value.error().number == ENOENT;
}

// The hosts of a sandbox meet over cables, each with routes to the others' addresses: they have no subnet in common
// whose broadcast address the kernel would know.
std::optional<std::string> to_own_broadcast(const Scenario& scenario) {
  static const HostConfig plain;
  for (const auto& [name, workload] : scenario.workloads) {
    OwnAddresses own(plain);
    own.add(scenario.hosts.at(workload.from_host).addresses);
    for (const Endpoint& to : workload.to) {
      if (own.kind_of(AddressBits::of(to.address)) == AddressKind::broadcast)
        return fmt::format("{}: {} is the broadcast address of its subnet, and a sandbox has no subnets",
                           workload.from_host, to.address.text());
    }
  }
  return std::nullopt;
}

// Why the scenario as a whole cannot be asked of this kernel.
std::optional<std::string> why_not(const Scenario& scenario) {
  for (const auto& [name, group] : scenario.hosts) {
    if (auto why = why_not_on_linux(*group.profile, group.settings)) return name + ": " + *why;
    for (const auto& [setting, value] : group.set_by_scenario) {
      const auto info = setting_named("linux", setting);
      // What the machine has already need not be set.
      if (info && info->scope == SettingScope::host_wide && read_sysctl(setting).value_or("") != value)
        return fmt::format("{}: {} is one value for the whole machine and is not changed", name, setting);
      if (is_absent(setting)) return fmt::format("{}: this kernel has no setting {}", name, setting);
    }
    const bool ends = std::any_of(group.held_connections.begin(), group.held_connections.end(),
                                  [](const HeldConnections& held) { return held.state != HeldConnectionState::open; });
    if (ends) return name + ": entries of connections that ended before the scenario cannot be made on a kernel";
  }
  for (const Event& event : scenario.events) {
    const auto* change = std::get_if<SettingChange>(&event.what);
    if (change == nullptr) continue;
    const auto info = setting_named("linux", change->name);
    if (info && info->scope != SettingScope::per_namespace)
      return fmt::format("{}: {} is one value for the whole machine and is not changed", change->host, change->name);
    if (is_absent(change->name)) return fmt::format("{}: this kernel has no setting {}", change->host, change->name);
  }
  if (auto why = to_own_broadcast(scenario)) return why;
  if (!scenario.proxies.empty()) return "proxies are not played on a kernel by this version";
  if (auto why = why_no_gateway(scenario)) return why;
  if (auto why = why_no_table(scenario)) return why;
  if (!scenario.balancers.empty() && !nft_exists()) return "a balancer needs the program nft, which is not installed";
  return std::nullopt;
}

std::uint64_t back_ends_of(const Scenario& scenario) {
  std::uint64_t count = 0;
  for (const auto& [name, balancer] : scenario.balancers) count += balancer.back_ends.size();
  return count;
}

std::size_t windows_of(const Scenario& scenario, const ObserveOptions& options) {
  if (!scenario.window || *scenario.window <= Duration::zero()) return 0;
  const Duration span = scenario.end ? scenario.end->time_since_epoch() : options.at_most;
  const auto windows = static_cast<std::uint64_t>(span / *scenario.window) + 2;
  return windows <= most_windows ? windows : 0;
}

}  // namespace

struct OngoingObservation::State {
  State(const Scenario& asked, ObserveOptions given) : scenario(asked), options(std::move(given)) {}

  void begin();
  void give_up(std::string why) {
    observation.undetermined.push_back({"", std::move(why)});
    over = true;
  }
  void read();

  Scenario scenario;  // the plan points into it
  ObserveOptions options;
  Observation observation;
  bool over = false;
  std::optional<RunPlan> plan;
  std::optional<SharedRecords> records;
  std::optional<Sandbox> sandbox;
  std::int64_t latest_end = 0;  // for a leader that hangs: it bounds itself
};

void OngoingObservation::State::begin() {
  observation.kernel = kernel_release();
  if (auto why = why_not(scenario)) return give_up(std::move(*why));
  if (!draws_are_there(scenario, options.drawn))
    return give_up("its Poisson arrivals or exponential hold times were not drawn");
  auto planned = plan_run(scenario, hard_descriptor_limit(), options.user_programs);
  if (!planned) return give_up(planned.error());
  plan = std::move(*planned);
  observation.remarks = plan->remarks;
  auto shared = SharedRecords::of({.workers = ProcessSet::record_count(scenario, *plan),
                                   .workloads = plan->workloads.size(),
                                   .listeners = plan->listeners.size(),
                                   .namespaces = plan->namespaces.size(),
                                   .back_ends = back_ends_of(scenario),
                                   .gateway_pools = gateway_pools(scenario, Wiring(scenario)).size(),
                                   .tables = tables_of(scenario).size(),
                                   .windows = windows_of(scenario, options),
                                   .user_programs = options.user_programs.size()});
  if (!shared) return give_up(shared.error().text());
  records.emplace(std::move(*shared));
  auto started = Sandbox::start([this](const SandboxFacts& facts) {
    drive_run(scenario, *plan, *records,
              {.at_most = options.at_most,
               .sees_processes = facts.fresh_proc,
               .drawn = &options.drawn,
               .surroundings = &options.surroundings});
    return 0;
  });
  if (!started) return give_up(started.error().why);
  sandbox.emplace(std::move(*started));
  latest_end = monotonic_nanoseconds() + options.at_most.count() + grace.count();
}

void OngoingObservation::State::read() {
  if (const std::string trouble = records->run().trouble.text(); !trouble.empty()) return give_up(trouble);
  if (sandbox->wait() != 0) return give_up(fmt::format("the sandbox ended with code {}", *sandbox->wait()));
  if (records->run().out_of_time != 0)
    return give_up(fmt::format("it was not over after {} s of real time", options.at_most / std::chrono::seconds(1)));
  std::istringstream remarks(records->run().remarks.text());
  for (std::string line; std::getline(remarks, line);) observation.remarks.push_back(line);
  observation.lateness = Duration(records->run().lateness);
  observation.tells_pools = records->run().unmarked == 0;
  if (observation.lateness > worth_a_remark) {
    observation.remarks.push_back(fmt::format("this machine was busy: connections began up to {} ms late",
                                              observation.lateness / std::chrono::milliseconds(1)));
  }
  observation.ran = true;
  read_records(scenario, *plan, *records, observation);
  over = true;
}

OngoingObservation OngoingObservation::begin(const Scenario& scenario, ObserveOptions options) {
  OngoingObservation begun(std::make_unique<State>(scenario, std::move(options)));
  begun.state_->begin();
  return begun;
}

OngoingObservation::OngoingObservation(std::unique_ptr<State> state) : state_(std::move(state)) {}
OngoingObservation::OngoingObservation(OngoingObservation&&) noexcept = default;
OngoingObservation& OngoingObservation::operator=(OngoingObservation&&) noexcept = default;
OngoingObservation::~OngoingObservation() = default;

bool OngoingObservation::wait(std::chrono::milliseconds patience) {
  State& state = *state_;
  if (state.over) return true;
  if (!state.sandbox->wait(patience)) {
    if (monotonic_nanoseconds() <= state.latest_end) return false;
    state.records->run().trouble.set("the sandbox did not end in time");
    state.sandbox->kill();
    state.sandbox->wait();
  }
  state.read();
  return true;
}

ObserveProgress OngoingObservation::progress() const {
  ObserveProgress progress;
  for (const auto& [name, workload] : state_->scenario.workloads) progress.asked += workload.connections;
  if (!state_->records) return progress;
  const std::int64_t started = state_->records->run().started_at;
  progress.elapsed = Duration(started == 0 ? 0 : monotonic_nanoseconds() - started);
  for (const WorkloadRecord& each : state_->records->workloads.all()) progress.attempted += each.attempted;
  return progress;
}

Observation OngoingObservation::result() { return std::move(state_->observation); }

Observation observe(const Scenario& scenario, const ObserveOptions& options) {
  OngoingObservation run = OngoingObservation::begin(scenario, options);
  while (!run.wait(wait_at_a_time)) {
  }
  return run.result();
}

}  // namespace netlimits::live
