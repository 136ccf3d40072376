"""Threads in plain shapes become calls or tasks of a pool; others stay."""

import threading
from threading import Thread


def one_by_one(urls, fetch, options):
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url, (1, 2)), kwargs={"retry": True}, daemon=True)
        thread.start()  # at once
        thread.join()


def whatever_arguments(jobs, options):
    for job, arguments in jobs:
        t = Thread(target=job.run, args=arguments, kwargs=options)
        t.start()
        t.join()


def together(urls, fetch):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.daemon = True
        threads.append(thread)
        thread.start()
    for thread in threads:
        thread.join()
    return len(urls)


def listed(pairs, fetch):
    threads = [Thread(target=fetch, args=(one, other)) for one, other in pairs if one]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def of_some(urls, fetch, all_of_them):
    crowd = []
    for url in urls if all_of_them else urls[:100]:
        member = Thread(target=fetch, args=[url])
        member.start()
        crowd.append(member)
    for one in crowd:
        one.join()


def in_three_loops(urls, fetch):
    print("begin")
    threads = []
    limit = len(urls)
    for url in urls[:limit]:
        threads.append(Thread(target=fetch, args=(url,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def by_name_in_three_loops(urls, fetch):
    threads = []
    for url in urls:
        t = Thread(target=fetch, args=(url,))
        t.daemon = True
        threads.append(t)
    for t in threads:
        t.start()
    for t in threads:
        t.join()


# Refused from here on.


def filled_before(urls, fetch):
    threads = []
    threads.append(Thread(target=fetch, args=("x",)))
    for url in urls:
        threads.append(Thread(target=fetch, args=(url,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def started_partly(urls, fetch):
    threads = []
    for url in urls:
        threads.append(Thread(target=fetch, args=(url,)))
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()


def named(urls, fetch):
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,), name=url)
        thread.start()
        thread.join()


def used_otherwise(urls, fetch):
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.start()
        thread.join()
        print(thread.is_alive())


def of_a_lambda(urls, fetch):
    for url in urls:
        thread = threading.Thread(target=lambda: fetch(url))
        thread.start()
        thread.join()


class Fetcher(threading.Thread):
    def run(self):
        print("x")


def own_class(urls):
    for _ in urls:
        fetcher = Fetcher()
        fetcher.start()
        fetcher.join()


def works_meanwhile(urls, fetch):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.start()
        threads.append(thread)
    print("started")
    for thread in threads:
        thread.join()


def never_joined(urls, fetch):
    for url in urls:
        threading.Thread(target=fetch, args=(url,)).start()


def with_a_limit(urls, fetch):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(5)


def returned(urls, fetch):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return threads


def used_behind(urls, fetch):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return url


def serve(url):
    while True:
        print(url)


def of_servers(urls):
    threads = [Thread(target=serve, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def start(url, fetch):
    thread = Thread(target=fetch, args=(url,))
    thread.start()


def through_a_helper(urls, fetch):
    for url in urls:
        start(url, fetch)
