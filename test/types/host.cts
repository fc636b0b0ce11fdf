// Compiled, never run: a host in TypeScript that is compiled to CommonJS.
import express = require('express')

import { type DokuOvoOptions, dokuOvo } from 'express-doku-ovo'

import redis = require('express-doku-ovo/redis')

export const mount = (options: DokuOvoOptions) => express().use('/ovo', dokuOvo(options))
export const { redisStorage } = redis
