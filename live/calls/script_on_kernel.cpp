// The life of a script: settings and roles before, its run call by call or in one batch, clearing up after.
#include "live/calls/script_on_kernel.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "live/calls/call_batch.hpp"
#include "live/calls/kernel_calls.hpp"
#include "live/calls/script_requirements.hpp"
#include "live/calls/script_world.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/script/script_interpreter.hpp"

namespace netlimits::live {
namespace {

// The kernel forgets what it learned about peers only with the namespace, and a bounded SYN queue asks for it
// (net/ipv4/tcp_input.c tcp_conn_request, tcp_peer_is_proven).
bool needs_new_world(const Script& script) {
  const std::string asks = "net.ipv4.tcp_max_syn_backlog";
  const auto set = [&](const auto& named) { return named.second.sysctl.contains(asks); };
  const auto sets = [&](const Step& step) { return step.call == Call::sysctl && step.sysctl_name == asks; };
  return std::any_of(script.hosts.begin(), script.hosts.end(), set) ||
         std::any_of(script.steps.begin(), script.steps.end(), sets);
}

}  // namespace

struct KernelScriptRunner::State {
  explicit State(ScriptWorlds started) : worlds(std::move(started)), hard_limit(hard_descriptor_limit()) {}

  std::string change_settings(KernelCalls& calls, World& world, const Script& script);
  std::string set_up(KernelCalls& calls, World& world, const Script& script);
  WorkerQuestion beginning(const ScriptProcess& process) const;
  bool clean_up(World& world, const Script& script, bool residue_possible);

  std::string why_not(const Script& script) const { return why_not_here(script, worlds.user_ids(), hard_limit); }

  ScriptWorlds worlds;
  std::uint64_t hard_limit;
};

namespace {

ScriptRun not_run(std::string why) {
  ScriptRun run;
  run.passed = false;
  run.not_run = std::move(why);
  return run;
}

}  // namespace

// In words what failed, or nothing.
std::string KernelScriptRunner::State::change_settings(KernelCalls& calls, World& world, const Script& script) {
  HostSlot slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    WorldHost& host = world.hosts[slot];
    std::map<std::string, std::string> goal = host.usual;
    for (const auto& [setting, value] : wanted.sysctl) goal[setting] = value;
    std::erase_if(goal, [&](const auto& entry) {
      const auto now = host.current.find(entry.first);
      return now != host.current.end() && now->second == entry.second;
    });
    // Some settings bound each other (the port range and the first unprivileged port): go round until nothing moves.
    for (std::size_t before = goal.size() + 1; !goal.empty() && goal.size() < before;) {
      before = goal.size();
      std::erase_if(goal,
                    [&](const auto& entry) { return calls.change_setting(slot, entry.first, entry.second) == 0; });
    }
    if (!goal.empty())
      return "the setting " + goal.begin()->first + " = " + goal.begin()->second + " cannot be made in a sandbox";
    ++slot;
  }
  return {};
}

WorkerQuestion KernelScriptRunner::State::beginning(const ScriptProcess& process) const {
  WorkerQuestion question;
  question.what = WorkerErrand::begin;
  question.first = static_cast<std::int64_t>(process.nofile);
  question.second = process.uid;
  question.flag = process.uid >= worlds.user_ids();
  return question;
}

// Settings and roles. In words what failed, or nothing.
std::string KernelScriptRunner::State::set_up(KernelCalls& calls, World& world, const Script& script) {
  if (std::string trouble = change_settings(calls, world, script); !trouble.empty()) return trouble;
  HostSlot slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    std::size_t index = 0;
    for (const auto& [process_name, process] : wanted.processes) {
      const auto begun = worlds.ask(world.hosts[slot].workers[index++], beginning(process));
      if (!begun || begun->error != 0) return "process " + process_name + " could not take its limit and user";
    }
    ++slot;
  }
  return {};
}

bool KernelScriptRunner::State::clean_up(World& world, const Script& script, bool residue_possible) {
  WorkerQuestion question;
  std::size_t slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    question.what = WorkerErrand::finish;
    for (std::size_t index = 0; index < wanted.processes.size(); ++index)
      if (!worlds.ask(world.hosts[slot].workers[index], question)) return false;
    ++slot;
  }
  if (!residue_possible) return true;
  question.what = WorkerErrand::clean;
  for (const WorldHost& host : world.hosts) {
    const auto cleaned = worlds.ask(host.workers.front(), question);
    if (!cleaned || cleaned->number != 0) return false;
  }
  return true;
}

tl::expected<KernelScriptRunner, Unavailable> KernelScriptRunner::start() {
  auto worlds = ScriptWorlds::start();
  if (!worlds) return tl::unexpected(worlds.error());
  return KernelScriptRunner(std::make_unique<State>(std::move(*worlds)));
}

KernelScriptRunner::KernelScriptRunner(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelScriptRunner::KernelScriptRunner(KernelScriptRunner&&) noexcept = default;
KernelScriptRunner& KernelScriptRunner::operator=(KernelScriptRunner&&) noexcept = default;
KernelScriptRunner::~KernelScriptRunner() = default;

bool KernelScriptRunner::several_users() const { return state_->worlds.user_ids() > 1; }

ScriptRun KernelScriptRunner::run(const Script& script, bool judge) {
  if (std::string why = state_->why_not(script); !why.empty()) return not_run(std::move(why));
  auto found = state_->worlds.world_for(script);
  if (found && needs_new_world(script)) {
    state_->worlds.drop(**found);
    found = state_->worlds.world_for(script);
  }
  if (!found) return not_run("the sandbox could not make the hosts: " + found.error().text());
  World& world = **found;
  KernelCalls calls(state_->worlds, world, script);
  ScriptRun run;
  if (std::string trouble = state_->set_up(calls, world, script); !trouble.empty()) {
    run = not_run(std::move(trouble));
  } else {
    run = interpret(script, calls, {judge, nullptr});
  }
  if (calls.lost() || !state_->clean_up(world, script, calls.closed_something()) || needs_new_world(script))
    state_->worlds.drop(world);
  return run;
}

ScriptRun KernelScriptRunner::run_at_once(const Script& script) {
  ScriptWorlds& worlds = state_->worlds;
  if (!CallBatch::suits(script) || needs_new_world(script) || !state_->why_not(script).empty())
    return run(script, false);
  const auto found = worlds.world_for(script);
  if (!found) return run(script, false);
  World& world = **found;
  KernelCalls settings(worlds, world, script);
  if (!state_->change_settings(settings, world, script).empty()) return run(script, false);

  CallBatch batch;
  batch.add(state_->beginning(script.hosts.begin()->second.processes.begin()->second));
  const std::size_t first = batch.questions().size();
  KernelCalls writing(worlds, world, script, &batch);
  (void)interpret(script, writing, {false, nullptr});
  const std::size_t end = batch.questions().size();
  WorkerQuestion question;
  question.what = WorkerErrand::finish;
  batch.add(question);
  question.what = WorkerErrand::clean;
  if (writing.closed_something()) batch.add(question);

  auto answers = worlds.ask_all(world.hosts.front().workers.front(), batch.questions());
  if (!answers) {
    worlds.drop(world);
    return run(script, false);
  }
  const bool begun = answers->front().error == 0;
  const bool clean = answers->back().number == 0;
  batch.begin_answers(std::move(*answers), first);
  KernelCalls reading(worlds, world, script, &batch);
  ScriptRun told = interpret(script, reading, {false, nullptr});
  if (!clean) worlds.drop(world);
  if (!begun || reading.lost() || !batch.used_up_to(end)) return run(script, false);
  return told;
}

}  // namespace netlimits::live
