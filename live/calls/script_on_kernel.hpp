// Socket scripts on this machine's kernel, in namespaces of their own: each host a network namespace, each process a
// real process with its descriptor limit and user.
#pragma once

#include <memory>
#include <string>

#include "live/sandbox/unavailable.hpp"
#include "model/script/script.hpp"

namespace netlimits::live {

// Long-lived: namespaces and processes serve one script after another. After each everything is closed with a reset,
// TIME_WAIT and its like are ended, settings are put back; what cannot be cleaned is made anew.
class KernelScriptRunner {
 public:
  // Requires: the calling process has one thread (it forks). Later calls may come from another thread, one at a time.
  static tl::expected<KernelScriptRunner, Unavailable> start();
  KernelScriptRunner(KernelScriptRunner&&) noexcept;
  KernelScriptRunner& operator=(KernelScriptRunner&&) noexcept;
  ~KernelScriptRunner();

  // Sleeps and waits are real. A script that this machine cannot run gives ScriptRun::not_run with the reason.
  // After an interrupt (live/sandbox/interrupt.hpp) it ends soon, with a run that says nothing.
  // `judge`: false for a script without expectations, see InterpretOptions.
  ScriptRun run(const Script& script, bool judge = true);

  // The same without judging, faster by far where the calls of the script can be told before the first has been made:
  // all in one go, so that nothing but the calls themselves lies between them.
  ScriptRun run_at_once(const Script& script);

  bool several_users() const;  // can it have processes of different users?

 private:
  struct State;
  explicit KernelScriptRunner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace netlimits::live
