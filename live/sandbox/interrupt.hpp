// Ctrl-C as an ordinary way out: what holds a sandbox notices it, unwinds, and its destructor cleans up.
#pragma once

#include <string>

namespace netlimits::live {

// Thrown by stop_if_interrupted(). No error: the user asked for the end.
struct Interrupted {};

// From now on SIGINT, SIGTERM and SIGHUP end the program at once with this exit code: for what holds nothing that would
// have to be cleaned up but a RemovedOnInterrupt.
void exit_on_interrupts(int code);
// From now on SIGINT, SIGTERM and SIGHUP are remembered instead of ending the program at once. It then has most of a
// second to unwind; whoever does not ask in that time, or a second signal, ends it with the code of
// exit_on_interrupts() (the sandbox goes with it even so: its leader dies with its parent).
// Requires: exit_on_interrupts() was called.
void remember_interrupts();
bool interrupted();
// Throws Interrupted when a signal came.
void stop_if_interrupted();

// The name of a file that an interrupt takes away, however it ends the program; named before the file is made, so that
// there is no moment between. It goes with the object too. At most one at a time.
class RemovedOnInterrupt {
 public:
  explicit RemovedOnInterrupt(std::string path);
  RemovedOnInterrupt(const RemovedOnInterrupt&) = delete;
  RemovedOnInterrupt& operator=(const RemovedOnInterrupt&) = delete;
  ~RemovedOnInterrupt();

  const std::string& path() const { return path_; }
  // It has become something that stays.
  void keep() { stays_ = true; }

 private:
  std::string path_;
  bool stays_ = false;
};

}  // namespace netlimits::live
