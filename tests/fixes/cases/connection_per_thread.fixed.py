"""Behind some objects is a connection that each thread has of its own; where there is an adapter for them, that is taken."""

import asyncio

import peewee
from asgiref.sync import sync_to_async
from django.db import models


class Author(models.Model):
    name = models.TextField()


class Note(peewee.Model):
    pass


def by_name(name):
    return Author.objects.get(name=name)


def notes():
    query = Note.select()
    return query.count()


async def mended(name):
    author = await sync_to_async(by_name)(name)
    author.save()
    return await sync_to_async(Author.objects.filter(name=name).count)() + await sync_to_async(Author.objects.count)()


async def works_when_it_is_used(name):
    return [author for author in Author.objects.filter(name=name)]


async def without_adapter():
    Note.get(1)
    await asyncio.sleep(1)
    return notes()
