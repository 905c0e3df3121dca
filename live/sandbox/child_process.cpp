// fork() with a parent-death signal, and waiting with and without patience.
#include "live/sandbox/child_process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "live/limits/callers_limits.hpp"

namespace netlimits::live {
namespace {

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)), code_(std::exchange(other.code_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(code_, other.code_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (id_ < 0) return;
  kill();
  wait();
}

void ChildProcess::stop() {
  if (id_ > 0 && !code_) ::kill(id_, SIGSTOP);
}

void ChildProcess::kill() {
  if (id_ > 0 && !code_) ::kill(id_, SIGKILL);
}

std::optional<int> ChildProcess::ended() {
  if (code_ || id_ < 0) return code_;
  int status = 0;
  const pid_t got = ::waitpid(id_, &status, WNOHANG);
  if (got == id_) code_ = code_of(status);
  return code_;
}

int ChildProcess::wait() {
  int status = 0;
  while (!code_ && id_ > 0) {
    const pid_t got = ::waitpid(id_, &status, 0);
    if (got == id_)
      code_ = code_of(status);
    else if (errno != EINTR)
      code_ = 70;
  }
  return code_.value_or(70);
}

SystemResult<ChildProcess> spawn(const NetworkNamespace& where, const std::function<int()>& body) {
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t id = ::fork();
  if (id < 0 && errno == EAGAIN) return tl::unexpected(SystemFailure{no_process_text(), 0});
  if (id < 0) return system_failure("fork");
  if (id > 0) return ChildProcess(id);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int code = 70;
  try {
    if (auto entered = where.enter(); entered)
      code = body();
    else
      std::fprintf(stderr, "sandbox: %s\n", entered.error().text().c_str());
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "sandbox: %s\n", defect.what());
  }
  ::_exit(code);
}

}  // namespace netlimits::live
