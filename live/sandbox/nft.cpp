// Finds the program, speaks with it through pipes, and turns its refusal into a failure.
#include "live/sandbox/nft.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "live/sandbox/pipe.hpp"

namespace netlimits::live {
namespace {

std::optional<std::string> find_nft() {
  const char* path = std::getenv("PATH");
  // An ordinary user's PATH often lacks the directories of administration programs.
  std::istringstream places(std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin:/usr/local/sbin");
  std::string place;
  while (std::getline(places, place, ':')) {
    if (place.empty()) continue;
    std::string candidate = place + "/nft";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

struct Spoken {
  int code = 0;
  std::string output;
  std::string errors;
};

SystemResult<Spoken> run(const std::vector<std::string>& arguments, const std::string& input) {
  const auto program = find_nft();
  if (!program) return tl::unexpected(SystemFailure{"the program nft is not installed", 0});
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  for (const auto* pipe : {&in, &out, &err}) {
    if (!*pipe) return tl::unexpected(pipe->error());
  }
  Descriptor& to = in->writing;
  const Descriptor& from = out->reading;
  const Descriptor& errors_from = err->reading;
  std::vector<std::string> words{*program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in->reading.number(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, out->writing.number(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, err->writing.number(), 2);
  pid_t child = -1;
  const int code = ::posix_spawn(&child, program->c_str(), &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  for (Descriptor* end : {&in->reading, &out->writing, &err->writing}) end->reset();
  if (code != 0) return tl::unexpected(SystemFailure{"start nft", code});

  Spoken spoken;
  std::size_t written = 0;
  bool output_open = true;
  bool errors_open = true;
  if (input.empty()) to.reset();
  while (output_open || errors_open) {
    std::array<pollfd, 3> waiting{pollfd{output_open ? from.number() : -1, POLLIN, 0},
                                  pollfd{errors_open ? errors_from.number() : -1, POLLIN, 0},
                                  pollfd{to ? to.number() : -1, POLLOUT, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
    if (waiting[2].revents != 0) {
      const ssize_t wrote = ::write(to.number(), input.data() + written, input.size() - written);
      if (wrote > 0) written += static_cast<std::size_t>(wrote);
      if (wrote <= 0 || written == input.size()) to.reset();
    }
    const auto take = [](const pollfd& ready, int source, std::string& text, bool& open) {
      if (ready.revents == 0) return;
      std::array<char, 4096> part{};
      const ssize_t got = ::read(source, part.data(), part.size());
      if (got > 0)
        text.append(part.data(), static_cast<std::size_t>(got));
      else
        open = false;
    };
    take(waiting[0], from.number(), spoken.output, output_open);
    take(waiting[1], errors_from.number(), spoken.errors, errors_open);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  spoken.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  return spoken;
}

SystemResult<std::string> output_of(const std::vector<std::string>& arguments, const std::string& input) {
  auto spoken = run(arguments, input);
  if (!spoken) return tl::unexpected(spoken.error());
  if (spoken->code != 0) return tl::unexpected(SystemFailure{"nft: " + spoken->errors, 0});
  return spoken->output;
}

}  // namespace

bool nft_exists() { return find_nft().has_value(); }

SystemResult<void> run_nft(const std::string& commands) {
  auto output = output_of({"-f", "-"}, commands);
  if (!output) return tl::unexpected(output.error());
  return {};
}

SystemResult<std::string> ask_nft(const std::vector<std::string>& arguments) { return output_of(arguments, {}); }

}  // namespace netlimits::live
