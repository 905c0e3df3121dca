// One question and its answer at a time between two processes, in memory that both share. Costs no descriptor.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "live/sandbox/shared_memory.hpp"

namespace netlimits::live {

// Requires: Question and Answer are trivially copyable. One process asks, one other serves.
template <class Question, class Answer>
class CallChannel {
 public:
  // Asks, and waits for the answer at most `patience`, or until `give_up` says so; false when none came (the server
  // hangs or has ended). After that the channel is of no further use.
  bool ask(
      const Question& question, Answer& answer, std::chrono::nanoseconds patience,
      bool (*give_up)() = [] { return false; }) {
    question_ = question;
    const std::uint32_t turn = asked_.load(std::memory_order_relaxed) + 1;
    asked_.store(turn, std::memory_order_release);
    if (server_sleeps_.load(std::memory_order_seq_cst) != 0) wake_all(asked_);
    if (!await(answered_, client_sleeps_, turn, looks_, patience, give_up)) return false;
    answer = answer_;
    return true;
  }

  // Shall both sides look again for a moment before they sleep? It is usual, and right for questions that take no
  // longer than going to sleep and being woken. For longer ones it takes a processor from whoever has work.
  void look_before_sleep(bool look) { looks_.store(look ? looks_before_sleep : 0, std::memory_order_relaxed); }

  // Waits for the next question and answers it. `serve` is called as Answer(const Question&).
  template <class Serve>
  void serve_one(const Serve& serve) {
    const std::uint32_t turn = answered_.load(std::memory_order_relaxed) + 1;
    while (!await(asked_, server_sleeps_, turn, looks_, std::chrono::hours(1), [] { return false; })) {
    }
    answer_ = serve(question_);
    answered_.store(turn, std::memory_order_release);
    if (client_sleeps_.load(std::memory_order_seq_cst) != 0) wake_all(answered_);
  }

 private:
  // A call takes about as long as going to sleep and being woken: looking again for a moment saves both.
  static constexpr int looks_before_sleep = 2000;
  // How soon a sleeper notices that it shall give up.
  static constexpr std::chrono::milliseconds longest_sleep{50};

  static bool await(std::atomic<std::uint32_t>& word, std::atomic<std::uint32_t>& sleeps, std::uint32_t turn,
                    const std::atomic<int>& looks, std::chrono::nanoseconds patience, bool (*give_up)()) {
    for (int look = looks.load(std::memory_order_relaxed); look > 0; --look) {
      if (word.load(std::memory_order_acquire) == turn) return true;
      pause();
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    sleeps.store(1, std::memory_order_seq_cst);
    bool came = false;
    for (;;) {
      const std::uint32_t seen = word.load(std::memory_order_seq_cst);
      came = seen == turn;
      const auto left = deadline - std::chrono::steady_clock::now();
      if (came || left <= std::chrono::nanoseconds::zero() || give_up()) break;
      wait_while(word, seen, std::min<std::chrono::nanoseconds>(left, longest_sleep));
    }
    sleeps.store(0, std::memory_order_relaxed);
    return came;
  }

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic<std::uint32_t> asked_{0};
  std::atomic<std::uint32_t> answered_{0};
  std::atomic<std::uint32_t> client_sleeps_{0};
  std::atomic<std::uint32_t> server_sleeps_{0};
  std::atomic<int> looks_{looks_before_sleep};
  Question question_{};
  Answer answer_{};
};

}  // namespace netlimits::live
