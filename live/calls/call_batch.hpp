// All calls of a script in one exchange with the process that makes them. Asked one by one, the waiting for each other
// takes many times as long as the calls.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "live/calls/script_worker.hpp"
#include "model/script/script.hpp"

namespace netlimits::live {

// A script is interpreted twice. First every call is written down, as if it worked; a socket that is not there yet is
// spoken of by the place of the call that makes it. Then the process makes the calls, leaving out those on sockets that
// it did not get. Last the same interpreter asks its way through the answers. It must come to the very calls that were
// made; when it does not, the script has to be run call by call.
class CallBatch {
 public:
  // Can the calls of the script be told before any has been made? They are socket calls of one process.
  static bool suits(const Script& script);

  // A question for the process, beside those of the interpreter. Requires: begin_answers() has not been called.
  void add(const WorkerQuestion& question) { questions_.push_back(question); }
  const std::vector<WorkerQuestion>& questions() const { return questions_; }

  // From now on ask() tells what was answered, beginning with the question at `first`.
  void begin_answers(std::vector<WorkerAnswer> answers, std::size_t first);

  // What the interpreter asks. Nothing when it is not what was written down.
  std::optional<WorkerAnswer> ask(const WorkerQuestion& question);

  // Are all answers up to `end` used?
  bool used_up_to(std::size_t end);

 private:
  void pass_skipped();

  std::vector<WorkerQuestion> questions_;
  std::vector<WorkerAnswer> answers_;
  std::size_t next_ = 0;
};

}  // namespace netlimits::live
