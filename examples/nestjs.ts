// NestJS on Express. Nest's container creates the router, so that the hooks and findOrder can use your providers.
import 'reflect-metadata'
import {
  Body,
  Controller,
  Get,
  Inject,
  Module,
  NotFoundException,
  type OnApplicationShutdown,
  Param,
  Post,
  Req,
  UnauthorizedException,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Request } from 'express'
import { type DokuOvo, dokuOvo } from 'express-doku-ovo'
import { credentials, customerOf, newOrder, Orders, port, type ShopOrder, url } from './your-shop.ts'

const OVO = Symbol('OVO')

function createOvo(orders: Orders): DokuOvo {
  return dokuOvo({
    ...credentials(),
    publicUrl: `${url}/ovo`,
    identify: customerOf, // Guards do not run before the router, so the router calls this for the signed-in customer.
    findOrder: (orderId, customer) => orders.toPay(orderId, customer),
    hooks: { paymentChanged: ({ payment }) => orders.settle(payment) },
  })
}

@Controller('orders')
class OrdersController {
  constructor(@Inject(Orders) private readonly orders: Orders) {}

  @Post()
  async place(@Req() req: Request, @Body('product') product: string): Promise<ShopOrder> {
    const customer = customerOf(req)
    if (!customer) throw new UnauthorizedException()
    const order = newOrder(customer, product)
    if (!order) throw new NotFoundException()
    await this.orders.add(order)
    return order
  }

  @Get(':id')
  async find(@Req() req: Request, @Param('id') id: string): Promise<ShopOrder> {
    const customer = customerOf(req)
    const order = customer && (await this.orders.find(id, customer))
    if (!order) throw new NotFoundException()
    return order
  }
}

@Module({
  controllers: [OrdersController],
  providers: [Orders, { provide: OVO, useFactory: createOvo, inject: [Orders] }],
})
class AppModule implements OnApplicationShutdown {
  constructor(@Inject(OVO) private readonly ovo: DokuOvo) {}

  onApplicationShutdown(): Promise<void> {
    return this.ovo.close()
  }
}

const app = await NestFactory.create<NestExpressApplication>(AppModule)
app.use('/ovo', app.get<DokuOvo>(OVO)) // Nest adds its body parsers in listen(), so this is before them.
app.enableShutdownHooks([], { useProcessExit: true }) // SIGTERM closes the router too.
await app.listen(port, '127.0.0.1')
console.log(`listening, the world comes in at ${url}`)
