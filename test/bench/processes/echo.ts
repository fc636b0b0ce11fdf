import express from 'express'
import { serve } from './serve.ts'

/** The least that an Express route with a JSON body costs. */
serve(() =>
  express()
    .use(express.json())
    .use((req, res) => {
      res.json(req.body)
    }),
)
